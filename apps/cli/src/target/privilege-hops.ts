import { SessionError } from '@ovfkit/domain';
import {
  createInventoryServices,
  grantedPrivileges,
  type ManagedObject,
  managedObject,
  type VimClient,
} from '@ovfkit/vsphere';

/** What imports and exports need, and on what it is asked for (contract, sections 3.3 and 6.4). */
const needed = [
  { type: 'ResourcePool', privilege: 'VApp.Import' },
  { type: 'Datastore', privilege: 'Datastore.AllocateSpace' },
  { type: 'Network', privilege: 'Network.Assign' },
  { type: 'Folder', privilege: 'VApp.Export' },
] as const;

const typeOf = (id: string): string =>
  id.startsWith('dvportgroup')
    ? 'DistributedVirtualPortgroup'
    : id.startsWith('network-o')
      ? 'OpaqueNetwork'
      : 'Network';

async function objectsOf(vim: VimClient, signal: AbortSignal) {
  const services = createInventoryServices(vim);
  const [pools, datastores, networks] = await Promise.all([
    services.resourcePool.list({}, { signal }),
    services.datastore.list({}, { signal }),
    services.network.list({}, { signal }),
  ]);
  return {
    ResourcePool: pools.map(({ resourcePool }) => managedObject('ResourcePool', resourcePool)),
    Datastore: datastores.map(({ datastore }) => managedObject('Datastore', datastore)),
    Network: networks.map(({ network }) => managedObject(typeOf(network), network)),
    Folder: [vim.content.rootFolder],
  } satisfies Record<string, readonly ManagedObject[]>;
}

/** Which privileges the user has somewhere. @throws SessionError UNAUTHORIZED for those it has nowhere */
export async function walkPrivileges(vim: VimClient, signal: AbortSignal) {
  const objects = await objectsOf(vim, signal);
  const rows = await Promise.all(
    needed.map(async ({ type, privilege }) => {
      const entities = objects[type];
      const granted = await grantedPrivileges(vim, { entities, privileges: [privilege], signal });
      return {
        privilege,
        all: entities.length,
        granted: granted.filter((each) => each.privileges.has(privilege)).length,
      };
    }),
  );
  const missing = rows.filter(({ all, granted }) => all > 0 && granted === 0);
  if (missing.length > 0)
    throw new SessionError(
      'UNAUTHORIZED',
      `the user lacks ${missing.map(({ privilege }) => privilege).join(', ')} everywhere it is needed`,
    );
  const detail = rows
    .map(({ privilege, all, granted }) => (all === granted ? privilege : `${privilege} (on ${granted} of ${all})`))
    .join(', ');
  return { detail, value: undefined };
}
