import { z } from 'zod';
import { entries, Id, Long, openEnum, structure } from './structure.ts';
import {
  VmBootInfo,
  VmCdromInfo,
  VmCpuInfo,
  VmDiskInfo,
  VmFloppyInfo,
  VmHardwareInfo,
  VmMemoryInfo,
  VmNicInfo,
  VmNvmeAdapterInfo,
  VmSataAdapterInfo,
  VmScsiAdapterInfo,
} from './vm-devices.ts';

const ids = z.exactOptional(z.array(Id));
const names = z.exactOptional(z.array(z.string()));
const named = { names };
const text = z.exactOptional(z.string());
const oneOf = <Values extends z.core.util.EnumLike>(values: z.ZodEnum<Values>) => z.exactOptional(z.array(values));

export const PowerState = z.enum(['POWERED_OFF', 'POWERED_ON', 'SUSPENDED']);
export type PowerState = z.infer<typeof PowerState>;
export const FolderType = z.enum(['DATACENTER', 'DATASTORE', 'HOST', 'NETWORK', 'VIRTUAL_MACHINE']);
export const HostConnectionState = z.enum(['CONNECTED', 'DISCONNECTED', 'NOT_RESPONDING']);
export const DatastoreType = z.enum(['VMFS', 'NFS', 'NFS41', 'CIFS', 'VSAN', 'VFFS', 'VVOL']);
export const NetworkType = z.enum(['STANDARD_PORTGROUP', 'DISTRIBUTED_PORTGROUP', 'OPAQUE_NETWORK']);

/** Filters of the list calls of `/rest/vcenter/…`; an absent field does not restrict. */
export const VmFilter = structure({
  vms: ids,
  ...named,
  folders: ids,
  datacenters: ids,
  hosts: ids,
  clusters: ids,
  resourcePools: ids,
  powerStates: oneOf(PowerState),
});
export type VmFilter = z.infer<typeof VmFilter>;
export const ResourcePoolFilter = structure({
  resourcePools: ids,
  ...named,
  parentResourcePools: ids,
  datacenters: ids,
  hosts: ids,
  clusters: ids,
});
export const FolderFilter = structure({
  folders: ids,
  ...named,
  type: z.exactOptional(FolderType),
  parentFolders: ids,
  datacenters: ids,
});
export const HostFilter = structure({
  hosts: ids,
  ...named,
  folders: ids,
  datacenters: ids,
  standalone: z.exactOptional(z.boolean()),
  clusters: ids,
  connectionStates: oneOf(HostConnectionState),
});
export const DatastoreFilter = structure({
  datastores: ids,
  ...named,
  types: oneOf(DatastoreType),
  folders: ids,
  datacenters: ids,
});
export const NetworkFilter = structure({
  networks: ids,
  ...named,
  types: oneOf(NetworkType),
  folders: ids,
  datacenters: ids,
});
export const ClusterFilter = structure({ clusters: ids, ...named, folders: ids, datacenters: ids });
export const DatacenterFilter = structure({ datacenters: ids, ...named, folders: ids });
export const StoragePolicyFilter = structure({ policies: ids });
export const HardwareVersionFilter = structure({ resourcePools: ids, hosts: ids });
export const VappFilter = structure({ vapps: ids, ...named, folders: ids, resourcePools: ids });

const megabytes = { memorySizeMib: { rest: 'memory_size_MiB', api: 'memory_size_MiB' } };

export const VmSummary = structure(
  {
    vm: Id,
    name: z.string(),
    powerState: openEnum(PowerState),
    cpuCount: z.exactOptional(Long),
    memorySizeMib: z.exactOptional(Long),
  },
  { wireNames: megabytes },
);
export type VmSummary = z.infer<typeof VmSummary>;
export const ResourcePoolSummary = structure({ resourcePool: Id, name: z.string() });
/** A pool with the pools in it. */
export const ResourcePoolInfo = structure({ name: z.string(), resourcePools: z.array(Id) });
export type ResourcePoolInfo = z.infer<typeof ResourcePoolInfo>;
export const FolderSummary = structure({ folder: Id, name: z.string(), type: openEnum(FolderType) });
export const HostSummary = structure({
  host: Id,
  name: z.string(),
  connectionState: openEnum(HostConnectionState),
  powerState: z.exactOptional(z.string()),
});
export const DatastoreSummary = structure({
  datastore: Id,
  name: z.string(),
  type: z.string(),
  /** Bytes. */
  freeSpace: z.exactOptional(Long),
  capacity: z.exactOptional(Long),
});
export const DatastoreInfo = structure({
  name: z.string(),
  type: openEnum(DatastoreType),
  accessible: z.boolean(),
  /** Bytes. */
  freeSpace: z.exactOptional(Long),
  multipleHostAccess: z.boolean(),
  thinProvisioningSupported: z.boolean(),
});
export type DatastoreInfo = z.infer<typeof DatastoreInfo>;
export const NetworkSummary = structure({ network: Id, name: z.string(), type: z.string() });
export const ClusterSummary = structure({
  cluster: Id,
  name: z.string(),
  haEnabled: z.boolean(),
  drsEnabled: z.boolean(),
});
export const ClusterInfo = structure({ name: z.string(), resourcePool: Id });
export type ClusterInfo = z.infer<typeof ClusterInfo>;
export const DatacenterSummary = structure({ datacenter: Id, name: z.string() });
/** A datacenter with its folders. */
export const DatacenterInfo = structure({
  name: z.string(),
  datastoreFolder: Id,
  hostFolder: Id,
  networkFolder: Id,
  vmFolder: Id,
});
export type DatacenterInfo = z.infer<typeof DatacenterInfo>;
/** What parameters of an import call a storage profile. */
export const StoragePolicySummary = structure({ policy: Id, name: z.string(), description: z.string() });
/** A family of virtual hardware that machines can be made with, `vmx-19`. vCenter tells them over vim25 only; this list is ovfkit's own. */
export const HardwareVersionSummary = structure({ version: z.string() });
/** vCenter has no REST list of vApps; this one is ovfkit's own. */
export const VappSummary = structure({ vapp: Id, name: z.string(), vms: z.array(Id) });
export type VappSummary = z.infer<typeof VappSummary>;

/** What the package brought, as the import applied it. ovfkit's own addition to a VM's information. */
export const VmOvfInfo = structure({
  annotation: z.exactOptional(z.string()),
  deploymentOption: z.exactOptional(z.string()),
  product: z.exactOptional(z.string()),
  folder: Id,
  resourcePool: Id,
  host: z.exactOptional(Id),
  datastore: Id,
  vapp: z.exactOptional(Id),
  /** `[class.]id[.instance]` with the value in effect; password values are left out. */
  properties: entries(z.string()),
  storageProfile: z.exactOptional(Id),
  /** How each disk is stored, in the order of `disks`. */
  disks: z.exactOptional(
    z.array(structure({ label: z.string(), datastore: Id, provisioning: text, storageProfile: z.exactOptional(Id) })),
  ),
  extraConfig: z.exactOptional(entries(z.string())),
  ipAllocationPolicy: text,
  ipProtocol: text,
  /** `SPECIFICATION` or `XML`. */
  guestCustomization: text,
  extensionAccepted: z.exactOptional(z.boolean()),
  /** Services that the package depends on, each with its provider, or empty while it has none. */
  services: z.exactOptional(entries(z.string())),
  /** `{namespace}name` of the sections that are kept for an export. */
  sections: names,
  /** Whether machines are made of it and it is never started itself; absent for no. */
  template: z.exactOptional(z.boolean()),
});

/** A virtual machine in full: the fields of vCenter's `vm.get` that an import decides, and `ovf`. */
export const VmInfo = structure(
  {
    name: z.string(),
    guestOs: z.string(),
    powerState: openEnum(PowerState),
    hardware: VmHardwareInfo,
    identity: z.exactOptional(structure({ name: z.string(), biosUuid: text, instanceUuid: text })),
    boot: z.exactOptional(VmBootInfo),
    cpu: VmCpuInfo,
    memory: VmMemoryInfo,
    scsiAdapters: z.exactOptional(entries(VmScsiAdapterInfo)),
    sataAdapters: z.exactOptional(entries(VmSataAdapterInfo)),
    nvmeAdapters: z.exactOptional(entries(VmNvmeAdapterInfo)),
    disks: entries(VmDiskInfo),
    nics: entries(VmNicInfo),
    cdroms: z.exactOptional(entries(VmCdromInfo)),
    floppies: z.exactOptional(entries(VmFloppyInfo)),
    ovf: z.exactOptional(VmOvfInfo),
  },
  { wireNames: { guestOs: { rest: 'guest_OS', api: 'guest_OS' } } },
);
export type VmInfo = z.infer<typeof VmInfo>;
