import { SessionError } from '@ovfkit/domain';
import { retrieve, retrieveAll } from '../vim/property-collector.ts';
import { taskResult } from '../vim/task.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { anything, itemsOf, nothing, optional, reference } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimValue } from '../vim/vim-value.ts';

const create: VimMethod<ManagedObject> = { name: 'CreateSnapshot_Task', result: reference, isRepeatable: false };
const remove: VimMethod<ManagedObject> = { name: 'RemoveSnapshot_Task', result: reference, isRepeatable: false };

export interface SnapshotWork<Result> {
  readonly machine: ManagedObject;
  /** Of the export; a snapshot that an earlier attempt with it has left is taken. */
  readonly key: string;
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
  { machine, key, signal, work, onLeft }: SnapshotWork<Result>,
): Promise<Result> {
  const [left, ...others] = await findSnapshots(vim, { key, machine, signal });
  for (const each of others) await removeSnapshot(vim, each.snapshot);
  // the disks of the one that is left are those that the earlier attempt has fetched a part of
  const snapshot = left?.snapshot ?? (await makeSnapshot(vim, { machine, key, signal }));
  try {
    signal.throwIfAborted();
    return await work(snapshot);
  } finally {
    await removeSnapshot(vim, snapshot).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      onLeft(`The snapshot ${snapshotName} of ${machine.value} could not be removed: ${reason} Remove it by hand.`);
    });
  }
}

/** Gone already is no error. */
export async function removeSnapshot(vim: VimClient, snapshot: ManagedObject): Promise<void> {
  try {
    const task = await vim.call(remove, { object: snapshot, args: { removeChildren: false, consolidate: true } });
    await taskResult(vim, { task, method: remove.name, result: nothing });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
  }
}

const snapshotName = 'ovfkit export';

/** A snapshot that an export has made. */
export interface ExportSnapshot {
  readonly snapshot: ManagedObject;
  readonly machine: ManagedObject;
}

/** Those of an export that are there; of one machine, or of all. */
export async function findSnapshots(
  vim: VimClient,
  {
    key,
    machine,
    signal,
  }: {
    readonly key: string;
    readonly machine?: ManagedObject | undefined;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly ExportSnapshot[]> {
  const properties = { snapshot: optional(anything) };
  const all =
    machine === undefined
      ? await retrieveAll(vim, { type: 'VirtualMachine', properties, signal })
      : await retrieve(vim, { type: 'VirtualMachine', objects: [machine], properties, signal });
  return all.flatMap(({ ref, properties: { snapshot } }) =>
    snapshotsIn(fieldOf(snapshot, 'rootSnapshotList'), key).map((each) => ({ snapshot: each, machine: ref })),
  );
}

// VirtualMachineSnapshotTree: { snapshot, name, description, childSnapshotList: [ … ] }
const snapshotsIn = (trees: VimValue | undefined, key: string): readonly ManagedObject[] =>
  itemsOf(trees).flatMap((tree) => [
    ...(String(fieldOf(tree, 'description')).includes(`(${key})`) ? referenceIn(fieldOf(tree, 'snapshot')) : []),
    ...snapshotsIn(fieldOf(tree, 'childSnapshotList'), key),
  ]);

const fieldOf = (value: VimValue | undefined, name: string): VimValue | undefined =>
  typeof value === 'object' && !('length' in value) ? value[name] : undefined;

function referenceIn(value: VimValue | undefined): readonly ManagedObject[] {
  const id = fieldOf(value, 'value');
  return typeof id === 'string' ? [managedObject('VirtualMachineSnapshot', id)] : [];
}

/** Not ended by the signal: whoever makes it has to remove it. */
async function makeSnapshot(
  vim: VimClient,
  { machine, key, signal }: Pick<SnapshotWork<never>, 'machine' | 'key' | 'signal'>,
): Promise<ManagedObject> {
  signal.throwIfAborted();
  const description = `Made to export the machine while it runs; goes when the export has its disks. (${key})`;
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
