import { type ImportSession, nearPool, type OvfParams, SessionError } from '@ovfkit/domain';
import type { Descriptor } from '@ovfkit/package-format';
import type { Core } from './core.ts';
import { wantedName } from './parameters/name-and-product.ts';
import type { TargetObjects } from './parameters/parameter.ts';

/** Pool, host and folder of an import. */
export type ImportTarget = ImportSession['target'];

/** @throws SessionError NOT_FOUND naming what the inventory does not have */
export async function checkTarget(
  { inventory }: Core,
  { resourcePool, hostSystem, folder }: ImportTarget,
): Promise<void> {
  const pools = await inventory.resourcePool.list({ resourcePools: [resourcePool] });
  if (pools.length === 0) throw missing('resource pool', resourcePool);
  if (hostSystem !== undefined && (await inventory.host.list({ hosts: [hostSystem] })).length === 0)
    throw missing('host', hostSystem);
  if (
    folder !== undefined &&
    (await inventory.folder.list({ folders: [folder], type: 'VIRTUAL_MACHINE' })).length === 0
  )
    throw missing('folder for virtual machines', folder);
}

const missing = (what: string, id: string) => new SessionError('NOT_FOUND', `There is no ${what} ${id}.`);

/** What the target offers to a package where its pool is. The folder is the one that was named, else the first for virtual machines. */
export async function describeTarget(
  { inventory }: Core,
  question: { readonly target: ImportTarget; readonly descriptor: Descriptor; readonly given: readonly OvfParams[] },
): Promise<TargetObjects> {
  const near = await nearPool(inventory, question.target.resourcePool);
  const folder =
    question.target.folder ?? (await inventory.folder.list({ ...near, type: 'VIRTUAL_MACHINE' }))[0]?.folder;
  if (folder === undefined) throw new SessionError('NOT_FOUND', 'There is no folder for virtual machines.');
  const filter = { names: [wantedName(question)], folders: [folder] };
  const { resourcePool, hostSystem: host } = question.target;
  const [outOfReach, networks, datastores, storagePolicies, vms, vapps] = await Promise.all([
    inventory.outOfReach({ resourcePool, host }),
    inventory.network.list(near),
    inventory.datastore.list(near),
    inventory.storagePolicy.list({}),
    inventory.vm.list(filter),
    inventory.vapp.list(filter),
  ]);
  const takenNames = new Set([...vms, ...vapps].map(({ name }) => name));
  return {
    networks: networks
      .filter(({ network }) => outOfReach.networks.get(network) !== 'NOT_CONNECTED')
      .map((each) => ({ ...each, isForbidden: outOfReach.networks.has(each.network) })),
    datastores: datastores.map((each) => ({ ...each, reasons: outOfReach.datastores.get(each.datastore) ?? [] })),
    storagePolicies,
    folder,
    takenNames,
  };
}
