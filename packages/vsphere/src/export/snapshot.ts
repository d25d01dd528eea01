import { SessionError } from '@ovfkit/domain';
import { taskResult } from '../vim/task.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { nothing, reference } from '../vim/vim-shape.ts';
import type { ManagedObject } from '../vim/vim-value.ts';

const create: VimMethod<ManagedObject> = { name: 'CreateSnapshot_Task', result: reference, isRepeatable: false };
const remove: VimMethod<ManagedObject> = { name: 'RemoveSnapshot_Task', result: reference, isRepeatable: false };

export interface SnapshotWork<Result> {
  readonly machine: ManagedObject;
  readonly signal: AbortSignal;
  readonly work: (snapshot: ManagedObject) => Promise<Result>;
  /** Told when the snapshot cannot be removed again. */
  readonly onLeft: (text: string) => void;
}

/**
 * Does something with a snapshot of a machine that runs, which is removed in every ending.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE when none can be made, with why
 */
export async function withSnapshot<Result>(
  vim: VimClient,
  { machine, signal, work, onLeft }: SnapshotWork<Result>,
): Promise<Result> {
  const snapshot = await makeSnapshot(vim, { machine, signal });
  try {
    signal.throwIfAborted();
    return await work(snapshot);
  } finally {
    try {
      const args = { removeChildren: false, consolidate: true };
      const task = await vim.call(remove, { object: snapshot, args });
      await taskResult(vim, { task, method: remove.name, result: nothing });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onLeft(`The snapshot ${snapshotName} of ${machine.value} could not be removed: ${reason} Remove it by hand.`);
    }
  }
}

const snapshotName = 'ovfkit export';

/** Not ended by the signal: whoever makes it has to remove it. */
async function makeSnapshot(
  vim: VimClient,
  { machine, signal }: { readonly machine: ManagedObject; readonly signal: AbortSignal },
): Promise<ManagedObject> {
  signal.throwIfAborted();
  const description = 'Made to export the machine while it runs; goes when the export has its disks.';
  const args = { name: snapshotName, description, memory: false, quiesce: false };
  try {
    const task = await vim.call(create, { object: machine, args });
    return await taskResult(vim, { task, method: create.name, result: reference });
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${machine.value} runs, and no snapshot of it can be made to export it meanwhile: ${error.message} Stop it, then export it.`,
      { cause: error, data: error.data },
    );
  }
}
