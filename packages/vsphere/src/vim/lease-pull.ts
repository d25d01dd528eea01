import type { FileSource } from '../origin.ts';
import type { HeldLease } from './lease.ts';
import { retrieveOne } from './property-collector.ts';
import { taskResult } from './task.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { flag, list, nothing, object, optional, reference, type ValueOf, whole } from './vim-shape.ts';
import type { ManagedObject, VimObject } from './vim-value.ts';

/** A file that a host fetches into a device of a lease. */
export interface LeaseSource extends FileSource {
  /** `importKey` of the device. */
  readonly device: string;
  /** Whether the file is made new at the host; a disk is there already. */
  readonly create: boolean;
  readonly size: number;
}

const ProbeResult = object('HttpNfcLeaseProbeResult', { serverAccessible: flag });

const probeUrls: VimMethod<readonly ValueOf<typeof ProbeResult>[]> = {
  name: 'HttpNfcLeaseProbeUrls',
  result: list(ProbeResult),
  isRepeatable: true,
};
const pullFromUrls: VimMethod<ManagedObject> = {
  name: 'HttpNfcLeasePullFromUrls_Task',
  result: reference,
  isRepeatable: false,
};
const cancelTask: VimMethod<void> = { name: 'CancelTask', result: nothing, isRepeatable: true };

/** Seconds. */
const probeTimeout = 30;
const progressEveryMs = 1_000;

const sourceFile = ({ device, url, member, create, thumbprint, size }: LeaseSource): VimObject => ({
  _typeName: 'HttpNfcLeaseSourceFile',
  targetDeviceId: device,
  url,
  memberName: member,
  create,
  sslThumbprint: thumbprint,
  size,
});

export interface LeasePull {
  readonly vim: VimClient;
  readonly lease: ManagedObject;
  readonly files: readonly LeaseSource[];
  readonly signal: AbortSignal;
}

/** Whether the hosts of a lease reach where every file is. */
export async function reachesAll({ vim, lease, files, signal }: LeasePull): Promise<boolean> {
  const args = { files: files.map(sourceFile), timeout: probeTimeout };
  const found = await vim.call(probeUrls, { object: lease, args, signal });
  return found.length > 0 && found.every(({ serverAccessible }) => serverAccessible);
}

/**
 * Has the hosts of a lease fetch files; resolves when all are there. The lease is to be held all the while.
 * @throws SessionError as the task failed; the signal's reason, and the task is then canceled
 */
export async function pullFiles(
  { vim, lease, files, signal }: LeasePull,
  { report }: Pick<HeldLease, 'report'>,
): Promise<void> {
  signal.throwIfAborted();
  // not ended by the signal: its answer names the task that is to be canceled
  const task = await vim.call(pullFromUrls, { object: lease, args: { files: files.map(sourceFile) } });
  const timer = setInterval(() => {
    void percentOf(vim, task).then(report);
  }, progressEveryMs);
  try {
    await taskResult(vim, { task, method: pullFromUrls.name, result: nothing, signal });
  } catch (error) {
    // nobody waits for it any more; one that has ended is past canceling
    if (signal.aborted) await vim.call(cancelTask, { object: task }).catch(() => undefined);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** How far a task is; 0 while it does not tell. */
async function percentOf(vim: VimClient, task: ManagedObject): Promise<number> {
  const properties = { 'info.progress': optional(whole) };
  const found = await retrieveOne(vim, { object: task, properties }).catch(() => undefined);
  return found?.['info.progress'] ?? 0;
}
