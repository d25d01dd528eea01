import { type Entity, type ExportSession, type InventoryServices, type Ref, SessionError } from '@ovfkit/domain';
import { guarded } from './call-check.ts';
import type { Core } from './core.ts';
import { dropBlobs } from './drop-blobs.ts';

/** The inventory as callers see it: what is deleted takes its bytes along. */
export function createInventoryServices(core: Core): InventoryServices {
  const { inventory } = core;
  return {
    vm: {
      list: (input, options) => inventory.vm.list(input, options),
      get: (input, options) => inventory.vm.get(input, options),
      delete: guarded(({ vm }) => deleteIdle(core, { type: 'VirtualMachine', id: vm })),
      markAsTemplate: (input, options) => inventory.vm.markAsTemplate(input, options),
    },
    guestIdentity: inventory.guestIdentity,
    power: inventory.power,
    vapp: {
      list: (input, options) => inventory.vapp.list(input, options),
      start: (input, options) => inventory.vapp.start(input, options),
      delete: guarded(({ vapp }) => deleteIdle(core, { type: 'VirtualApp', id: vapp })),
    },
    resourcePool: inventory.resourcePool,
    folder: inventory.folder,
    host: inventory.host,
    datastore: inventory.datastore,
    network: inventory.network,
    cluster: inventory.cluster,
    datacenter: inventory.datacenter,
    hardwareVersion: inventory.hardwareVersion,
    storagePolicy: inventory.storagePolicy,
  };
}

const sending: ReadonlySet<string> = new Set(['EXPORT_PREPARING', 'EXPORT_READY', 'EXPORT_IN_PROGRESS']);

/** An export sends the entity's own blobs: deleted under it, a download would break off in its middle. */
async function deleteIdle(core: Core, ref: Ref): Promise<void> {
  const keys = await blobsOfEntity(core, ref);
  const now = core.clock();
  const isLiving = ({ state, expiresAt }: ExportSession) => sending.has(state) && expiresAt > now;
  const isSource = ({ source }: ExportSession) => (source.vmId || source.vappId) === ref.id;
  const isSent = ({ members = [] }: ExportSession) => members.some(({ blob }) => keys.has(blob));
  // machines of one library item share their blobs, and each holds them for itself
  const isApart = ({ source }: ExportSession) =>
    ref.type === 'VirtualMachine' && Boolean(source.vmId) && source.vmId !== ref.id;
  const exports = await core.sessions.exports.list({});
  const busy = exports.find((each) => isLiving(each) && !isApart(each) && (isSource(each) || isSent(each)));
  if (busy === undefined) return deleteEntity(core, ref);
  throw new SessionError(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `${ref.id} is being exported. Delete the export session ${busy.id} first, or wait until it ends.`,
  );
}

/** Deletes an entity, then the blobs that only it needed. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
export async function deleteEntity(core: Core, ref: Ref): Promise<void> {
  const keys = await blobsOfEntity(core, ref);
  if (ref.type === 'VirtualApp') await core.inventory.vapp.delete({ vapp: ref.id });
  else await core.inventory.vm.delete({ vm: ref.id });
  await dropBlobs(core, [...keys]);
}

/** Those it names. @throws SessionError NOT_FOUND */
export const blobsOfEntity = async ({ inventory }: Core, ref: Ref): Promise<ReadonlySet<string>> =>
  blobsOf(await inventory.describe(ref));

const blobsOf = ({ vms }: Entity): ReadonlySet<string> =>
  new Set(
    vms.flatMap(({ disks, files }) => [...disks.flatMap(({ file }) => file ?? []), ...files]).map(({ blob }) => blob),
  );
