import { z } from 'zod';
import { PowerState } from './inventory.ts';
import { Id, Long } from './structure.ts';

const text = z.exactOptional(z.string());

/** A section that is kept as the package had it. */
export const KeptSection = z.object({
  /** `{namespace}name`. */
  tag: z.string(),
  /** The element, which stands alone. */
  xml: z.string(),
});
export type KeptSection = z.infer<typeof KeptSection>;

/** Absent for none. */
const sections = z.exactOptional(z.array(KeptSection));

/** One Item of a VirtualHardwareSection, by the names CIM gives its fields. Text is kept as the descriptor had it. */
export const HardwareItem = z.object({
  instanceId: z.string(),
  resourceType: Long,
  resourceSubType: text,
  elementName: text,
  description: text,
  parent: text,
  addressOnParent: text,
  address: text,
  virtualQuantity: text,
  allocationUnits: text,
  automaticAllocation: text,
  /** Of processors and memory, in `allocationUnits`. */
  reservation: z.exactOptional(Long),
  limit: z.exactOptional(Long),
  weight: z.exactOptional(Long),
  /** Networks by the names of the package. */
  connection: z.array(z.string()),
  /** `ovf:/disk/…` and `ovf:/file/…` references of the package. */
  hostResource: z.array(z.string()),
  /** vmw:Config of the Item. */
  config: z.array(z.object({ key: z.string(), value: z.string() })),
  required: z.boolean(),
});
export type HardwareItem = z.infer<typeof HardwareItem>;

/** Bytes kept by a `BlobStore`. */
export const StoredFile = z.object({
  /** Name in the package, as References had it. */
  name: z.string(),
  /** Key in the blob store. */
  blob: z.string(),
  size: Long,
  sha256: z.string(),
  /** As ovf:compression had it: the blob holds the compressed bytes. Absent for none. */
  compression: text,
});
export type StoredFile = z.infer<typeof StoredFile>;

/** A disk that others are differences to. */
export const BaseDisk = z.object({
  diskId: z.string(),
  /** Bytes the guest would see. */
  capacity: Long,
  format: text,
  file: z.exactOptional(StoredFile),
});
export type BaseDisk = z.infer<typeof BaseDisk>;

export const VirtualDisk = z.object({
  /** `diskId` in the package; several Items may share one blank disk, so it is not unique. */
  diskId: z.string(),
  /** InstanceID of the Item that attaches it. */
  instanceId: z.string(),
  label: z.string(),
  /** Bytes the guest sees. */
  capacity: Long,
  /** URI of the format; absent when the descriptor gave none. */
  format: text,
  datastore: Id,
  provisioning: text,
  /** Where the disk has a storage profile of its own. */
  storageProfile: z.exactOptional(Id),
  /** Absent: a blank disk. */
  file: z.exactOptional(StoredFile),
  /** For a delta disk what it is a difference to, nearest first; the machine's `files` hold their bytes too. */
  bases: z.exactOptional(z.array(BaseDisk)),
});
export type VirtualDisk = z.infer<typeof VirtualDisk>;

export const NetworkAdapter = z.object({
  instanceId: z.string(),
  label: z.string(),
  /** ResourceSubType, such as `VmxNet3`. */
  adapterType: text,
  /** Name of the network in the package. */
  sourceNetwork: text,
  /** The network it is connected to; absent when none is. */
  network: z.exactOptional(Id),
  macAddress: text,
});
export type NetworkAdapter = z.infer<typeof NetworkAdapter>;

export const VirtualMachineProperty = z.object({
  classId: text,
  id: z.string(),
  instanceId: text,
  type: z.string(),
  qualifiers: text,
  /** VMware's own (`vmw:qualifiers`), such as `Ip("network")`. */
  vendorQualifiers: text,
  userConfigurable: z.boolean(),
  password: z.boolean(),
  label: text,
  description: text,
  category: text,
  /** As the package had it; absent when it had none. */
  defaultValue: text,
  /** In effect. */
  value: text,
});
export type VirtualMachineProperty = z.infer<typeof VirtualMachineProperty>;

export const ProductInfo = z.object({
  classId: text,
  instanceId: text,
  info: text,
  product: text,
  vendor: text,
  version: text,
  fullVersion: text,
  productUrl: text,
  vendorUrl: text,
  properties: z.array(VirtualMachineProperty),
});
export type ProductInfo = z.infer<typeof ProductInfo>;

/** What the guest is customized by at its first start: a specification that is kept elsewhere, or one in full. */
export const GuestCustomization = z.object({
  type: z.enum(['SPECIFICATION', 'XML']),
  specificationId: text,
  xml: text,
});
export type GuestCustomization = z.infer<typeof GuestCustomization>;

/** A virtual machine as an import made it: everything an export needs to write it again. */
export const VirtualMachine = z.object({
  name: z.string(),
  annotation: text,
  /** `id` of the VirtualSystem in the package. */
  systemId: z.string(),
  /** CIM's number, the OVF text and `vmw:osType` of the OperatingSystemSection. */
  operatingSystem: z.exactOptional(z.object({ id: text, version: text, description: text, osType: text })),
  /** Such as `vmx-19`. */
  hardwareVersion: text,
  cpuCount: Long,
  /** Bytes. */
  memory: Long,
  items: z.array(HardwareItem),
  disks: z.array(VirtualDisk),
  nics: z.array(NetworkAdapter),
  /** Media and firmware files: ISO images, NVRAM. */
  files: z.array(StoredFile.extend({ fileType: z.enum(['CONTENT', 'NVRAM']), fileRef: z.string() })),
  products: z.array(ProductInfo),
  eulas: z.array(z.string()),
  extraConfig: z.array(z.object({ key: z.string(), value: z.string(), required: z.boolean() })),
  /** vmw:Config of the hardware section, such as `firmware` = `efi`; absent for none. */
  config: z.exactOptional(z.array(z.object({ key: z.string(), value: z.string(), required: z.boolean() }))),
  transport: text,
  /** Such as the boot order. */
  sections,
  customization: z.exactOptional(GuestCustomization),
  /** Absent: off, as it was made. */
  powerState: z.exactOptional(PowerState),
  /** Absent: no template. */
  template: z.exactOptional(z.boolean()),
});
export type VirtualMachine = z.infer<typeof VirtualMachine>;

/** Where an entity is placed. */
export const Placement = z.object({
  resourcePool: Id,
  folder: Id,
  host: z.exactOptional(Id),
  /** The datastore of everything a disk's own setting does not place elsewhere. */
  datastore: Id,
  /** Likewise; absent for none. */
  storageProfile: z.exactOptional(Id),
});
export type Placement = z.infer<typeof Placement>;

/** How addresses are given out, as chosen for a package that leaves the choice. */
export const IpAllocation = z.object({ policy: z.string(), protocol: z.string() });
export type IpAllocation = z.infer<typeof IpAllocation>;

/** A service of the platform that the package depends on. */
export const ServiceBinding = z.object({
  id: z.string(),
  type: z.string(),
  /** Absent: it is not bound, which its package allows. */
  provider: text,
});
export type ServiceBinding = z.infer<typeof ServiceBinding>;

const ownOfCollection = z.object({
  /** Of the VirtualSystemCollection in the package; sections of what is around it name it so. */
  id: z.string(),
  name: text,
  annotation: text,
  products: z.array(ProductInfo),
  eulas: z.array(z.string()),
  sections,
});

/** A vApp inside a vApp. */
export interface EntityCollection extends z.infer<typeof ownOfCollection> {
  children: EntityChild[];
}

/** One thing in a vApp: a machine, by its `systemId`, or a vApp inside. */
export type EntityChild = { systemId: string } | { collection: EntityCollection };
export const EntityChild: z.ZodType<EntityChild> = z.union([
  z.object({ systemId: z.string() }),
  z.object({ collection: ownOfCollection.extend({ children: z.array(z.lazy(() => EntityChild)) }) }),
]);

/** What an import makes: one virtual machine, or a vApp of several. */
export const Entity = z.object({
  /** `VirtualApp` when the package holds a collection. */
  type: z.enum(['VirtualMachine', 'VirtualApp']),
  name: z.string(),
  annotation: text,
  placement: Placement,
  /** Deployment option chosen; absent when the package has none. */
  deploymentOption: text,
  /** Networks of the package by name, with what each was mapped to. */
  networks: z.array(z.object({ name: z.string(), description: text, target: Id })),
  /** Products and EULAs of the collection itself. */
  products: z.array(ProductInfo),
  eulas: z.array(z.string()),
  /** All of them, also those of vApps inside. */
  vms: z.array(VirtualMachine),
  /**
   * What the vApp holds, in its order; every machine is named once, and one that is not among `vms` is gone. Absent where no vApp is inside:
   * it holds `vms`.
   */
  children: z.exactOptional(z.array(EntityChild)),
  /** Of the whole package, and of the collection: such as the order in which its machines start. */
  envelopeSections: sections,
  sections,
  ipAllocation: z.exactOptional(IpAllocation),
  /** Whether the package may register itself as an extension of vCenter; absent when it does not ask. */
  extensionAccepted: z.exactOptional(z.boolean()),
  services: z.exactOptional(z.array(ServiceBinding)),
});
export type Entity = z.infer<typeof Entity>;

type Holder = Pick<Entity, 'children'>;

/** The vApps inside, at every depth, outer ones first. */
export const collectionsIn = ({ children = [] }: Holder): readonly EntityCollection[] =>
  children.flatMap((child) => ('collection' in child ? [child.collection, ...collectionsIn(child.collection)] : []));

/** The vApps inside that a machine is in, innermost first. */
export const collectionsAround = (holder: Holder, systemId: string): readonly EntityCollection[] =>
  collectionsIn(holder)
    .filter((collection) => [collection, ...collectionsIn(collection)].some((each) => holds(each, systemId)))
    .toReversed();

const holds = ({ children = [] }: Holder, systemId: string): boolean =>
  children.some((child) => 'systemId' in child && child.systemId === systemId);
