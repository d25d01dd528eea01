import {
  type BlobStore,
  type InventoryServices,
  type Ref,
  SessionError,
  type Staged,
  type Staging,
} from '@ovfkit/domain';
import { holdLease } from '../vim/lease.ts';
import { createDescriptor, ovfOptionsOf } from '../vim/ovf-manager.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { reference } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';
import { type DeviceFetch, fetchDevices } from './fetch-devices.ts';
import { withNetworkNames } from './network-names.ts';
import { withSnapshot } from './snapshot.ts';
import { keepOnlyOf, sourceState } from './source-state.ts';
import type { TakingBlobs } from './take-file.ts';

export interface StageParts {
  readonly vim: VimClient;
  readonly nfc: DeviceFetch['nfc'];
  readonly blobs: TakingBlobs & Pick<BlobStore, 'keys'>;
  readonly inventory: Pick<InventoryServices, 'vm' | 'vapp' | 'network'>;
  /** Whether a machine that runs is exported through a snapshot; it is refused otherwise. */
  readonly snapshots: boolean;
  /** The server's remarks, and what could not be undone. */
  readonly onWarning: (text: string) => void;
}

/** What vim25 calls what an export may be asked to include. */
const optionNames: ReadonlyMap<string, string> = new Map([
  ['PRESERVE_MAC', 'mac'],
  ['BIOS_UUID', 'uuid'],
  ['EXTRA_CONFIG', 'extraconfig'],
]);

/**
 * Fetches the disks of a machine or vApp by a lease, and has the server describe it with them. What an earlier attempt with the same prefix
 * has fetched is not fetched again as long as the machine has not changed since. On failure the lease is ended; the machine stays as it was.
 * @throws SessionError NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE for what runs and cannot be exported so; faults; the signal's reason
 */
export async function stageEntity(parts: StageParts, staging: Staging, signal: AbortSignal): Promise<Staged> {
  const { vim, snapshots, onWarning } = parts;
  const source = await sourceOf(parts, staging.ref, signal);
  if (!source.isRunning) return stage(parts, { staging, source, leaseOf: exportedBy(vim, source.entity), signal });
  if (staging.ref.type === 'VirtualApp' || !snapshots)
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${source.name} is powered on. Stop it, then export it${snapshots ? ': vApps cannot be exported while they run.' : ', or allow snapshots.'}`,
    );
  return withSnapshot(vim, {
    machine: source.entity,
    key: staging.prefix,
    signal,
    onLeft: onWarning,
    work: (snapshot) => stage(parts, { staging, source, leaseOf: exportedBy(vim, snapshot), snapshot, signal }),
  });
}

interface Source {
  readonly entity: ManagedObject;
  readonly machines: readonly ManagedObject[];
  readonly name: string;
  readonly isRunning: boolean;
}

async function sourceOf({ inventory }: StageParts, { type, id }: Ref, signal: AbortSignal): Promise<Source> {
  const vapps = type === 'VirtualApp' ? await inventory.vapp.list({ vapps: [id] }, { signal }) : [];
  const [vapp] = vapps;
  if (type === 'VirtualApp' && vapp === undefined) throw new SessionError('NOT_FOUND', `There is no vApp ${id}.`);
  const ids = vapp?.vms ?? [id];
  // an empty filter would be all there are
  const vms = ids.length === 0 ? [] : await inventory.vm.list({ vms: ids }, { signal });
  const isRunning = vms.some(({ powerState }) => powerState === 'POWERED_ON');
  const name = vapp?.name ?? vms[0]?.name;
  if (name === undefined) throw new SessionError('NOT_FOUND', `There is no virtual machine ${id}.`);
  const machines = vms.map(({ vm }) => managedObject('VirtualMachine', vm));
  return { entity: managedObject(type, id), machines, name, isRunning };
}

const exportMethods: ReadonlyMap<string, string> = new Map([
  ['VirtualMachine', 'ExportVm'],
  ['VirtualApp', 'ExportVApp'],
  ['VirtualMachineSnapshot', 'ExportSnapshot'],
]);

/** Not ended by a signal: its answer names the lease that has to be ended. */
function exportedBy(vim: VimClient, object: ManagedObject): () => Promise<ManagedObject> {
  const name = exportMethods.get(object.type) ?? 'ExportVm';
  const method: VimMethod<ManagedObject> = { name, result: reference, isRepeatable: false };
  return () => vim.call(method, { object });
}

interface StageWork {
  readonly staging: Staging;
  readonly source: Source;
  readonly leaseOf: () => Promise<ManagedObject>;
  readonly snapshot?: ManagedObject;
  readonly signal: AbortSignal;
}

async function stage(parts: StageParts, work: StageWork): Promise<Staged> {
  const { vim, nfc, blobs, onWarning } = parts;
  const { staging, source, leaseOf, snapshot, signal } = work;
  signal.throwIfAborted();
  const withImages = staging.flags.includes('CDROM');
  const state = await sourceState(vim, { machines: source.machines, snapshot, signal });
  await keepOnlyOf(blobs, { prefix: staging.prefix, state });
  const held = await holdLease({ vim, lease: await leaseOf(), signal });
  try {
    const fetched = await fetchDevices({ nfc, blobs, held, prefix: staging.prefix, withImages });
    await held.complete();
    const known = await ovfOptionsOf(vim, { of: 'export', signal });
    const wanted = staging.flags.flatMap((each) => optionNames.get(each) ?? []);
    const { descriptor, warnings } = await createDescriptor(vim, {
      entity: source.entity,
      name: source.name,
      files: fetched.map(({ device, file }) => ({ deviceId: device.key, path: file.name, size: file.size })),
      options: wanted.filter((each) => known.includes(each)),
      withImages,
      snapshot,
      signal,
    });
    for (const text of warnings) onWarning(text);
    const names = await networkNames(parts, signal);
    return { descriptor: withNetworkNames(descriptor, names), files: fetched.map(({ file }) => file) };
  } catch (error) {
    await held.abort(error);
    throw error;
  }
}

async function networkNames({ inventory }: StageParts, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const networks = await inventory.network.list({}, { signal });
  return new Map(networks.map(({ network, name }) => [network, name]));
}
