import type { Entity, InventoryServices } from '@ovfkit/domain';
import { findChild } from '../inventory/look-up.ts';
import { vappService } from '../inventory/vapps.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';

/** Where an import puts what it makes. */
export interface Whereabouts {
  /** The folder of a machine; the pool or vApp of everything else. */
  readonly container: ManagedObject;
  readonly name: string;
}

interface Placed {
  readonly entity: Pick<Entity, 'placement'>;
  readonly signal: AbortSignal | undefined;
}

/** vApps are pools too, by a type of their own. */
export async function poolRef(
  { vapp }: Pick<InventoryServices, 'vapp'>,
  { entity: { placement }, signal }: Placed,
): Promise<ManagedObject> {
  const { resourcePool } = placement;
  const vapps = await vapp.list({ vapps: [resourcePool] }, signal === undefined ? {} : { signal });
  return managedObject(vapps.length > 0 ? 'VirtualApp' : 'ResourcePool', resourcePool);
}

/** A machine is in its folder; what is in a vApp is in no folder, but below the pool, which `pool` is. */
export const whereaboutsOf = (pool: ManagedObject, { type, name, placement }: Entity): Whereabouts => ({
  container: pool.type === 'VirtualApp' || type === 'VirtualApp' ? pool : managedObject('Folder', placement.folder),
  name,
});

interface Near {
  readonly near: Whereabouts;
  readonly signal: AbortSignal | undefined;
}

/** The machines that can be those of an import: one by the name, or those of vApps. However many there are elsewhere, they cost nothing. */
export async function machinesNear(vim: VimClient, { near, signal }: Near): Promise<readonly ManagedObject[]> {
  const { container, name } = near;
  const options = signal === undefined ? {} : { signal };
  if (container.type === 'Folder') {
    const found = await findChild(vim, { folder: container, name }, options);
    return found?.type === 'VirtualMachine' ? [found] : [];
  }
  const filter =
    container.type === 'VirtualApp'
      ? { vapps: [container.value] }
      : { resourcePools: [container.value], names: [name] };
  const vapps = await vappService(vim).list(filter, options);
  return vapps.flatMap(({ vms }) => vms).map((id) => managedObject('VirtualMachine', id));
}
