import { itemsOf } from '../../../src/vim/vim-shape.ts';
import type { ManagedObject, VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { entityMethods } from './entity-methods.ts';
import { createModel, type Model, type ServedObject } from './model.ts';
import { propertyMethods, slowPropertyMethods } from './property-methods.ts';
import { reference, sampleDevices } from './sample-devices.ts';
import { type Methods, serviceMethods, startVimServer, type VimServer, type VimServerOptions } from './vim-server.ts';

const managers = {
  rootFolder: reference('Folder', 'group-d1'),
  propertyCollector: reference('PropertyCollector', 'propertyCollector'),
  viewManager: reference('ViewManager', 'ViewManager'),
  sessionManager: reference('SessionManager', 'SessionManager'),
  authorizationManager: reference('AuthorizationManager', 'AuthorizationManager'),
  taskManager: reference('TaskManager', 'TaskManager'),
  searchIndex: reference('SearchIndex', 'SearchIndex'),
  ovfManager: reference('OvfManager', 'OvfManager'),
};
const { rootFolder, propertyCollector, viewManager, ...others } = managers;

const about: VimObject = {
  _typeName: 'AboutInfo',
  name: 'VMware vCenter Server',
  fullName: 'VMware vCenter Server 8.0.2 build-1 (ovfkit test)',
  version: '8.0.2',
  build: '1',
  apiType: 'VirtualCenter',
  apiVersion: '8.0.2.0',
  instanceUuid: '5a1d1f0e-0000-4000-8000-000000000001',
};

/**
 * A small vCenter: a datacenter with a cluster of two hosts, a host of its own, pools, folders, two datastores, networks of every kind,
 * two machines, and a vApp with one more.
 */
export function sampleVcenter(): Model {
  const model = createModel();
  model.add('ServiceInstance', 'ServiceInstance', {
    content: { _typeName: 'ServiceContent', rootFolder, propertyCollector, viewManager, about, ...others },
  });
  for (const { type, value } of Object.values(managers)) if (type !== 'Folder') model.add(type, value);
  model.add('PbmServiceInstance', 'ServiceInstance');
  model.add('PbmProfileProfileManager', 'ProfileManager', {
    profiles: [
      profile('aa6d5a82-1c88-45da-85d3-3d74b91a5bad', { name: 'gold', description: 'fast' }),
      profile('p2', { name: 'bronze' }),
    ],
  });
  const root = model.add('Folder', 'group-d1', { name: 'Datacenters', childType: ['Folder', 'Datacenter'] }).ref;
  const folder = (value: string, properties: Readonly<Record<'name' | 'parent' | 'childType', VimValue>>) =>
    model.add('Folder', value, { ...properties }).ref;
  const datacenter = reference('Datacenter', 'datacenter-2');
  const folders = {
    vmFolder: folder('group-v3', {
      name: 'vm',
      parent: datacenter,
      childType: ['Folder', 'VirtualMachine', 'VirtualApp'],
    }),
    hostFolder: folder('group-h4', { name: 'host', parent: datacenter, childType: ['Folder', 'ComputeResource'] }),
    datastoreFolder: folder('group-s5', {
      name: 'datastore',
      parent: datacenter,
      childType: ['Folder', 'Datastore', 'StoragePod'],
    }),
    networkFolder: folder('group-n6', {
      name: 'network',
      parent: datacenter,
      childType: ['Folder', 'Network', 'DistributedVirtualSwitch'],
    }),
  };
  model.add('Datacenter', datacenter.value, { name: 'DC 1', parent: root, ...folders });
  folder('group-v7', {
    name: 'R&D%2fweb',
    parent: folders.vmFolder,
    childType: ['Folder', 'VirtualMachine', 'VirtualApp'],
  });
  addPlaces(model, folders);
  addMachines(model, folders.vmFolder);
  return model;
}

const profile = (uniqueId: string, fields: VimObject): VimObject => ({
  _typeName: 'PbmCapabilityProfile',
  profileId: { _typeName: 'PbmProfileId', uniqueId },
  ...fields,
});

type Folders = Readonly<Record<'vmFolder' | 'hostFolder' | 'datastoreFolder' | 'networkFolder', ManagedObject>>;

function addPlaces(model: Model, { hostFolder, datastoreFolder, networkFolder }: Folders): void {
  const host = (value: string, name: string, parent: ManagedObject) =>
    model.add('HostSystem', value, {
      name,
      parent,
      runtime: { _typeName: 'HostRuntimeInfo', connectionState: 'connected', powerState: 'poweredOn' },
    }).ref;
  const pool = (
    value: string,
    { name, parent, owner }: { readonly name: string; readonly parent: ManagedObject; readonly owner: ManagedObject },
  ) => model.add('ResourcePool', value, { name, parent, owner, resourcePool: [], vm: [] });
  const browser = model.add('EnvironmentBrowser', 'envbrowser-10', {
    versions: ['vmx-10', 'vmx-13', 'vmx-15', 'vmx-21'],
  }).ref;
  const cluster = reference('ClusterComputeResource', 'domain-c10');
  const root = pool('resgroup-11', { name: 'Resources', parent: cluster, owner: cluster });
  const child = pool('resgroup-12', { name: 'builds', parent: root.ref, owner: cluster });
  root.properties['resourcePool'] = [child.ref, reference('VirtualApp', 'resgroup-v40')];
  model.add('ClusterComputeResource', cluster.value, {
    name: 'cluster 1',
    parent: hostFolder,
    resourcePool: root.ref,
    environmentBrowser: browser,
    host: [host('host-13', 'esx1.example.com', cluster), host('host-14', 'esx2.example.com', cluster)],
    configuration: {
      _typeName: 'ClusterConfigInfo',
      dasConfig: { _typeName: 'ClusterDasConfigInfo', enabled: true },
      drsConfig: { _typeName: 'ClusterDrsConfigInfo', enabled: false },
    },
  });
  const alone = reference('ComputeResource', 'domain-s20');
  const alonePool = pool('resgroup-21', { name: 'Resources', parent: alone, owner: alone });
  const aloneHost = host('host-22', 'esx3.example.com', alone);
  model.add('ComputeResource', alone.value, {
    name: 'esx3.example.com',
    parent: hostFolder,
    resourcePool: alonePool.ref,
    environmentBrowser: browser,
    host: [aloneHost],
  });
  for (const [value, name, type] of [
    ['datastore-30', 'ssd', 'VMFS'],
    ['datastore-31', 'archive', 'NFS'],
  ] as const)
    model.add('Datastore', value, {
      name,
      parent: datastoreFolder,
      summary: {
        _typeName: 'DatastoreSummary',
        name,
        type,
        capacity: 2 ** 42,
        freeSpace: 2 ** 41 + 1,
        accessible: true,
        multipleHostAccess: type === 'NFS',
      },
      capability: { _typeName: 'DatastoreCapability', perFileThinProvisioningSupported: type === 'VMFS' },
    });
  model.add('Network', 'network-32', { name: 'VM Network', parent: networkFolder });
  model.add('DistributedVirtualPortgroup', 'dvportgroup-33', { name: 'prod', parent: networkFolder });
  model.add('DistributedVirtualPortgroup', 'dvportgroup-34', {
    name: 'DVS-uplinks',
    parent: networkFolder,
    tag: [{ _typeName: 'Tag', key: 'SYSTEM/DVS.UPLINKPG' }],
  });
  model.add('OpaqueNetwork', 'network-o35', { name: 'segment', parent: networkFolder });
}

function addMachines(model: Model, vmFolder: ManagedObject): void {
  const pool = reference('ResourcePool', 'resgroup-11');
  addMachine(model, { value: 'vm-36', name: 'web', parent: vmFolder, resourcePool: pool });
  addMachine(model, { value: 'vm-37', name: 'db', parent: vmFolder, resourcePool: pool, powerState: 'poweredOn' });
  const vapp = reference('VirtualApp', 'resgroup-v40');
  const inside = addMachine(model, { value: 'vm-41', name: 'suite-web', parentVApp: vapp, resourcePool: vapp });
  model.add('VirtualApp', vapp.value, {
    name: 'suite',
    parent: pool,
    parentFolder: vmFolder,
    owner: reference('ClusterComputeResource', 'domain-c10'),
    vm: [inside.ref],
    resourcePool: [],
  });
}

/** A machine with one disk, one adapter and a CD drive, on the first host of the sample. */
export function addMachine(
  model: Model,
  {
    value,
    name,
    powerState = 'poweredOff',
    ...places
  }: {
    readonly value: string;
    readonly name: string;
    readonly powerState?: string;
    readonly parent?: ManagedObject;
    readonly parentVApp?: ManagedObject;
    readonly resourcePool: ManagedObject;
  },
): ServedObject {
  return model.add('VirtualMachine', value, {
    name,
    ...places,
    runtime: {
      _typeName: 'VirtualMachineRuntimeInfo',
      host: reference('HostSystem', 'host-13'),
      connectionState: 'connected',
      powerState,
      cleanPowerOff: true,
    },
    summary: {
      _typeName: 'VirtualMachineSummary',
      config: { _typeName: 'VirtualMachineConfigSummary', name, numCpu: 2, memorySizeMB: 512 },
    },
    datastore: [reference('Datastore', 'datastore-30')],
    guest: { _typeName: 'GuestInfo', toolsRunningStatus: 'guestToolsNotRunning' },
    layoutEx: {
      _typeName: 'VirtualMachineFileLayoutEx',
      file: ['disk.vmdk', 'vmware.log'].map((file, key) => ({
        _typeName: 'VirtualMachineFileLayoutExFileInfo',
        key,
        name: `[ssd] ${name}/${file}`,
        type: 'other',
        size: 1_000 * (key + 1),
      })),
    },
    config: {
      _typeName: 'VirtualMachineConfigInfo',
      name,
      changeVersion: '2026-01-01T00:00:00.000000Z',
      guestId: 'ubuntu64Guest',
      version: 'vmx-19',
      uuid: '42000000-0000-4000-8000-000000000001',
      instanceUuid: '50000000-0000-4000-8000-000000000001',
      template: false,
      annotation: 'a sample',
      firmware: 'efi',
      cpuHotAddEnabled: true,
      memoryHotAddEnabled: false,
      extraConfig: [{ _typeName: 'OptionValue', key: 'guestinfo.a', value: { _typeName: 'string', _value: 'b' } }],
      vAppConfig: vAppConfigOf(name),
      hardware: {
        _typeName: 'VirtualHardware',
        numCPU: 2,
        numCoresPerSocket: 2,
        memoryMB: 512,
        device: sampleDevices(name),
      },
    },
  });
}

const vAppConfigOf = (hostname: string): VimObject => ({
  _typeName: 'VmConfigInfo',
  product: [{ _typeName: 'VAppProductInfo', key: 0, name: 'Sample' }],
  property: [
    { _typeName: 'VAppPropertyInfo', key: 0, classId: 'net', id: 'hostname', type: 'string', value: hostname },
    { _typeName: 'VAppPropertyInfo', key: 1, id: 'port', type: 'int', defaultValue: '80', value: '' },
    { _typeName: 'VAppPropertyInfo', key: 2, id: 'secret', type: 'password(8..)', value: 'do not show' },
  ],
  ipAssignment: { _typeName: 'VAppIPAssignmentInfo', ipAllocationPolicy: 'fixedPolicy', ipProtocol: 'IPv4' },
});

/** All that a vCenter does here, but leases. */
export const vcenterMethods: Methods = { ...serviceMethods, ...propertyMethods, ...entityMethods };

/** Starts the sample, with methods beside {@link vcenterMethods} where more is needed. */
export const startSampleVcenter = ({
  model = sampleVcenter(),
  methods = {},
  identity,
}: {
  readonly model?: Model;
  readonly methods?: Methods;
  readonly identity?: VimServerOptions['identity'];
} = {}): Promise<VimServer> =>
  startVimServer({ model, methods: { ...vcenterMethods, ...methods }, slowMethods: slowPropertyMethods, identity });

/** The names of every machine and vApp there is, in the order they were made: what a failed import must not change. */
export const entityNames = (model: Model): readonly string[] =>
  model
    .all()
    .filter(({ ref }) => ['VirtualMachine', 'VirtualApp'].includes(ref.type))
    .map(({ properties }) => itemsOf(properties['name']).join(''));
