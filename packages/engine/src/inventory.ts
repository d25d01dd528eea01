import { type Entity, type InventoryServices, type Ref, SessionError } from '@ovfkit/domain';
import { guarded } from './call-check.ts';
import type { Core } from './core.ts';

/** The inventory as callers see it: what is deleted takes its bytes along. */
export function createInventoryServices(core: Core): InventoryServices {
  const { inventory } = core;
  return {
    vm: {
      list: (input, options) => inventory.vm.list(input, options),
      get: (input, options) => inventory.vm.get(input, options),
      delete: guarded(({ vm }) => deleteEntity(core, { type: 'VirtualMachine', id: vm })),
    },
    vapp: {
      list: (input, options) => inventory.vapp.list(input, options),
      delete: guarded(({ vapp }) => deleteEntity(core, { type: 'VirtualApp', id: vapp })),
    },
    resourcePool: inventory.resourcePool,
    folder: inventory.folder,
    host: inventory.host,
    datastore: inventory.datastore,
    network: inventory.network,
    cluster: inventory.cluster,
    datacenter: inventory.datacenter,
  };
}

/** Deletes an entity, then the blobs that only it held. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
export async function deleteEntity({ inventory, blobs }: Core, ref: Ref): Promise<void> {
  const keys = blobsOf(await inventory.describe(ref));
  if (ref.type === 'VirtualApp') await inventory.vapp.delete({ vapp: ref.id });
  else await inventory.vm.delete({ vm: ref.id });
  const held = await inventory.held([...keys]);
  for (const key of keys) if (!held.has(key)) await blobs.delete(key);
}

const blobsOf = ({ vms }: Entity): ReadonlySet<string> =>
  new Set(
    vms.flatMap(({ disks, files }) => [...disks.flatMap(({ file }) => file ?? []), ...files]).map(({ blob }) => blob),
  );

/** @throws SessionError UNSUPPORTED */
export function noLibrary(): never {
  throw new SessionError('UNSUPPORTED', 'This server has no content library.');
}
