import { statfs } from 'node:fs/promises';
import { type InventoryServices, passes, SessionError } from '@ovfkit/domain';

/** What there is from the first start: one of each, with identifiers in vSphere's style that never change. */
export const topology = {
  datacenter: { id: 'datacenter-2', name: 'Datacenter', folder: 'group-d1' },
  vmFolder: { id: 'group-v3', name: 'vm' },
  resourcePool: { id: 'resgroup-8', name: 'Resources' },
  host: { id: 'host-9', name: 'localhost', folder: 'group-h4' },
  datastore: { id: 'datastore-12', name: 'datastore1', type: 'VMFS', folder: 'group-s5' },
  network: { id: 'network-7', name: 'VM Network', type: 'STANDARD_PORTGROUP', folder: 'group-n6' },
  storagePolicy: {
    id: '8d6bd3c0-4b9e-4c5a-9f2e-52f8c4ce4430',
    name: 'Datastore Default',
    description: 'Keeps files as the datastore keeps them',
  },
} as const;

const { datacenter, vmFolder, resourcePool, host, datastore, network, storagePolicy } = topology;

const folders = [
  { id: datacenter.folder, name: 'Datacenters', type: 'DATACENTER', datacenters: [] },
  { ...vmFolder, type: 'VIRTUAL_MACHINE', datacenters: [datacenter.id] },
  { id: host.folder, name: 'host', type: 'HOST', datacenters: [datacenter.id] },
  { id: datastore.folder, name: 'datastore', type: 'DATASTORE', datacenters: [datacenter.id] },
  { id: network.folder, name: 'network', type: 'NETWORK', datacenters: [datacenter.id] },
] as const;

type Topology = Pick<
  InventoryServices,
  | 'resourcePool'
  | 'folder'
  | 'host'
  | 'datastore'
  | 'network'
  | 'cluster'
  | 'datacenter'
  | 'hardwareVersion'
  | 'storagePolicy'
>;

/** Lists of what is fixed; the datastore's size and room are those of the volume that holds `path`. */
export function createTopology(path: string): Topology {
  return {
    resourcePool: {
      list: async (filter) => {
        const isListed =
          passes(filter.resourcePools, resourcePool.id) &&
          passes(filter.names, resourcePool.name) &&
          passes(filter.parentResourcePools) &&
          passes(filter.datacenters, datacenter.id) &&
          passes(filter.hosts, host.id) &&
          passes(filter.clusters);
        return isListed ? [{ resourcePool: resourcePool.id, name: resourcePool.name }] : [];
      },
      get: async (input) => {
        refuseOther('resource pool', { asked: input.resourcePool, known: resourcePool.id });
        return { name: resourcePool.name, resourcePools: [] };
      },
    },
    folder: {
      list: async (filter) =>
        folders
          .filter(
            ({ id, name, type, datacenters }) =>
              passes(filter.folders, id) &&
              passes(filter.names, name) &&
              (filter.type === undefined || filter.type === type) &&
              passes(filter.parentFolders) &&
              passes(filter.datacenters, ...datacenters),
          )
          .map(({ id, name, type }) => ({ folder: id, name, type })),
    },
    host: {
      list: async (filter) => {
        const isListed =
          passes(filter.hosts, host.id) &&
          passes(filter.names, host.name) &&
          passes(filter.folders, host.folder) &&
          passes(filter.datacenters, datacenter.id) &&
          passes(filter.clusters) &&
          passes(filter.connectionStates, 'CONNECTED') &&
          filter.standalone !== false;
        const states = { connectionState: 'CONNECTED', powerState: 'POWERED_ON' };
        return isListed ? [{ host: host.id, name: host.name, ...states }] : [];
      },
    },
    ...createDatastore(path),
    ...createPlaces(),
  };
}

/** @throws SessionError NOT_FOUND */
function refuseOther(what: string, { asked, known }: { readonly asked: string; readonly known?: string }): void {
  if (asked !== known) throw new SessionError('NOT_FOUND', `There is no ${what} ${asked}.`);
}

function createDatastore(path: string): Pick<Topology, 'datastore'> {
  return {
    datastore: {
      async list(filter) {
        const isListed =
          passes(filter.datastores, datastore.id) &&
          passes(filter.names, datastore.name) &&
          passes(filter.types, datastore.type) &&
          passes(filter.folders, datastore.folder) &&
          passes(filter.datacenters, datacenter.id);
        if (!isListed) return [];
        const { bsize, bavail, blocks } = await statfs(path);
        const { id, name, type } = datastore;
        return [{ datastore: id, name, type, freeSpace: bavail * bsize, capacity: blocks * bsize }];
      },
      async get(input) {
        refuseOther('datastore', { asked: input.datastore, known: datastore.id });
        const { bsize, bavail } = await statfs(path);
        const { name, type } = datastore;
        const abilities = { accessible: true, multipleHostAccess: false, thinProvisioningSupported: true };
        return { name, type, freeSpace: bavail * bsize, ...abilities };
      },
    },
  };
}

function createPlaces(): Pick<Topology, 'network' | 'cluster' | 'datacenter' | 'hardwareVersion' | 'storagePolicy'> {
  return {
    // the host stands alone
    cluster: {
      list: async () => [],
      get: async ({ cluster }) => {
        throw new SessionError('NOT_FOUND', `There is no cluster ${cluster}.`);
      },
    },
    network: {
      async list(filter) {
        const isListed =
          passes(filter.networks, network.id) &&
          passes(filter.names, network.name) &&
          passes(filter.types, network.type) &&
          passes(filter.folders, network.folder) &&
          passes(filter.datacenters, datacenter.id);
        return isListed ? [{ network: network.id, name: network.name, type: network.type }] : [];
      },
    },
    datacenter: {
      async list(filter) {
        const isListed =
          passes(filter.datacenters, datacenter.id) &&
          passes(filter.names, datacenter.name) &&
          passes(filter.folders, datacenter.folder);
        return isListed ? [{ datacenter: datacenter.id, name: datacenter.name }] : [];
      },
      async get(input) {
        refuseOther('datacenter', { asked: input.datacenter, known: datacenter.id });
        const places = { datastoreFolder: datastore.folder, networkFolder: network.folder };
        return { name: datacenter.name, hostFolder: host.folder, vmFolder: vmFolder.id, ...places };
      },
    },
    // nothing runs, so any hardware will do
    hardwareVersion: { list: async () => [] },
    storagePolicy: {
      list: async (filter) => {
        const { id, name, description } = storagePolicy;
        return passes(filter.policies, id) ? [{ policy: id, name, description }] : [];
      },
    },
  };
}

/** What an entity is placed on. Absent identifiers are not looked at. */
interface Places {
  readonly resourcePool: string;
  readonly folder: string;
  readonly hosts: readonly string[];
  readonly datastores: readonly string[];
  readonly networks: readonly string[];
  readonly storagePolicies: readonly string[];
}

/** @throws SessionError NOT_FOUND for a place that does not exist */
export function checkPlaces(places: Places): void {
  const wanted = [
    { what: 'resource pool', ids: [places.resourcePool], known: resourcePool.id },
    { what: 'folder for virtual machines', ids: [places.folder], known: vmFolder.id },
    { what: 'host', ids: places.hosts, known: host.id },
    { what: 'datastore', ids: places.datastores, known: datastore.id },
    { what: 'network', ids: places.networks, known: network.id },
    { what: 'storage profile', ids: places.storagePolicies, known: storagePolicy.id },
  ];
  for (const { what, ids, known } of wanted) {
    const missing = ids.find((id) => id !== known);
    if (missing !== undefined) throw new SessionError('NOT_FOUND', `There is no ${what} ${missing}.`);
  }
}
