import type { InventoryServices } from '@ovfkit/domain';
import { retrieveAll, retrieveOne } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { flag, list, object, optional, reference, text } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject } from '../vim/vim-value.ts';
import { find, isIn, restName } from './find.ts';
import { shownName } from './name.ts';

const inside = { parent: optional(reference) };

/** What a folder may hold, as REST says it; the first that fits. */
const folderTypes = [
  ['Datacenter', 'DATACENTER'],
  ['VirtualMachine', 'VIRTUAL_MACHINE'],
  ['ComputeResource', 'HOST'],
  ['Datastore', 'DATASTORE'],
  ['Network', 'NETWORK'],
] as const;

const folderType = (childType: readonly string[]): string =>
  folderTypes.find(([child]) => childType.includes(child))?.[1] ?? 'UNKNOWN';

/** Folders; datastore clusters, which vim25 derives from them, are none. */
export const folderService = (vim: VimClient): InventoryServices['folder'] => ({
  async list(filter, options) {
    const properties = { ...inside, childType: list(text) };
    const found = await find(vim, { type: 'Folder', properties, filter, ids: filter.folders, options });
    return found
      .filter(({ ref }) => ref.type === 'Folder')
      .map(({ id, name, properties: { parent, childType } }) => ({
        folder: id,
        name,
        parent,
        type: folderType(childType),
      }))
      .filter(({ type, parent }) => isIn(filter.parentFolders, parent) && (filter.type ?? type) === type)
      .map(({ parent: _, ...folder }) => folder);
  },
});

/** Datacenters. */
export const datacenterService = (vim: VimClient): InventoryServices['datacenter'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'Datacenter',
      properties: inside,
      filter: { ...(filter.names === undefined ? {} : { names: filter.names }) },
      ids: filter.datacenters,
      options,
    });
    return found
      .filter(({ properties }) => isIn(filter.folders, properties.parent))
      .map(({ id, name }) => ({ datacenter: id, name }));
  },
  async get({ datacenter }, options) {
    const { name, ...folders } = await retrieveOne(vim, {
      object: managedObject('Datacenter', datacenter),
      properties: {
        name: text,
        datastoreFolder: reference,
        hostFolder: reference,
        networkFolder: reference,
        vmFolder: reference,
      },
      signal: options?.signal,
    });
    return {
      name: shownName(name),
      datastoreFolder: folders.datastoreFolder.value,
      hostFolder: folders.hostFolder.value,
      networkFolder: folders.networkFolder.value,
      vmFolder: folders.vmFolder.value,
    };
  },
});

/** Hosts: those of clusters, and standalone ones, each of which vim25 puts into a compute resource of its own. */
export const hostService = (vim: VimClient): InventoryServices['host'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'HostSystem',
      properties: { ...inside, 'runtime.connectionState': text, 'runtime.powerState': optional(text) },
      filter,
      ids: filter.hosts,
      options,
    });
    const folders = await foldersOfHosts(vim, { isNeeded: (filter.folders ?? []).length > 0, signal: options?.signal });
    return found
      .filter(({ properties: { parent } }) => {
        const isStandalone = parent?.type !== 'ClusterComputeResource';
        const folder = folders.get(parent?.value ?? '');
        return (
          (filter.standalone ?? isStandalone) === isStandalone &&
          isIn(filter.clusters, isStandalone ? undefined : parent) &&
          isIn(filter.folders, isStandalone ? folder : undefined)
        );
      })
      .map(({ id, name, properties }) => ({
        host: id,
        name,
        connectionState: restName(properties['runtime.connectionState']),
        ...(properties['runtime.powerState'] === undefined
          ? {}
          : { powerState: restName(properties['runtime.powerState']) }),
      }))
      .filter(({ connectionState }) =>
        (filter.connectionStates ?? [connectionState]).some((each) => each === connectionState),
      );
  },
});

async function foldersOfHosts(
  vim: VimClient,
  { isNeeded, signal }: { readonly isNeeded: boolean; readonly signal: AbortSignal | undefined },
): Promise<ReadonlyMap<string, ManagedObject | undefined>> {
  const found = isNeeded ? await retrieveAll(vim, { type: 'ComputeResource', properties: inside, signal }) : [];
  return new Map(found.map(({ ref, properties }) => [ref.value, properties.parent]));
}

/** Clusters. */
export const clusterService = (vim: VimClient): InventoryServices['cluster'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'ClusterComputeResource',
      properties: {
        ...inside,
        'configuration.dasConfig.enabled': optional(flag),
        'configuration.drsConfig.enabled': optional(flag),
      },
      filter,
      ids: filter.clusters,
      options,
    });
    return found
      .filter(({ properties }) => isIn(filter.folders, properties.parent))
      .map(({ id, name, properties }) => ({
        cluster: id,
        name,
        haEnabled: properties['configuration.dasConfig.enabled'] ?? false,
        drsEnabled: properties['configuration.drsConfig.enabled'] ?? false,
      }));
  },
  async get({ cluster }, options) {
    const { name, resourcePool } = await retrieveOne(vim, {
      object: managedObject('ClusterComputeResource', cluster),
      properties: { name: text, resourcePool: reference },
      signal: options?.signal,
    });
    return { name: shownName(name), resourcePool: resourcePool.value };
  },
});

/** The kinds of network, as REST names them. */
const networkTypes: ReadonlyMap<string, string> = new Map([
  ['Network', 'STANDARD_PORTGROUP'],
  ['DistributedVirtualPortgroup', 'DISTRIBUTED_PORTGROUP'],
  ['OpaqueNetwork', 'OPAQUE_NETWORK'],
]);

/** Networks that machines can be connected to: the port groups of uplinks, which vSphere marks, are none. */
export const networkService = (vim: VimClient): InventoryServices['network'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'Network',
      properties: { ...inside, tag: list(object('Tag', { key: text })) },
      filter,
      ids: filter.networks,
      options,
    });
    return found
      .filter(
        ({ properties: { parent, tag } }) => isIn(filter.folders, parent) && tag.every(({ key }) => key !== uplinks),
      )
      .map(({ id, name, ref }) => ({ network: id, name, type: networkTypes.get(ref.type) ?? restName(ref.type) }))
      .filter(({ type }) => (filter.types ?? []).length === 0 || (filter.types ?? []).some((each) => each === type));
  },
});

const uplinks = 'SYSTEM/DVS.UPLINKPG';
