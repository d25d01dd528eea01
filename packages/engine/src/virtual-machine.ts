import type { HardwareItem, StoredFile, VirtualDisk, VirtualMachine } from '@ovfkit/domain';
import type { HardwareItem as DescribedItem, Disk, ResolvedSystem, VirtualSystem } from '@ovfkit/package-format';
import { defined } from './defined.ts';
import type { EntityParts } from './entity.ts';
import type { MachineInstance } from './instances.ts';

/** What a machine gets when its package does not say. */
const defaultCpus = 1;
const defaultMemory = 1024 ** 3;

interface MachineParts extends MachineInstance {
  /** The only machine of a package takes the name that was chosen for it. */
  readonly isAlone: boolean;
  /** Its files that are no disks. */
  readonly media: readonly (StoredFile & { readonly fileRef: string })[];
}

/** One system of a package as a virtual machine. */
export function virtualMachine(
  parts: EntityParts,
  { system, id, suffix, isAlone, media }: MachineParts,
): Omit<VirtualMachine, 'products' | 'eulas'> {
  const { descriptor, selection } = parts;
  const isTop = descriptor.content.kind === 'VirtualSystem';
  const [hardware] = system.system.hardware;
  const annotation = isTop ? selection.name.annotation : system.system.annotation;
  const isPlain = isTop && isAlone;
  const customization = selection.customizations.get(system.id);
  return {
    name: `${isTop ? selection.name.name : (system.name ?? system.id)}${isPlain ? '' : suffix}`,
    ...(customization === undefined ? {} : { customization }),
    ...defined({ annotation, hardwareVersion: hardwareVersion(hardware?.system?.virtualSystemType) }),
    ...operatingSystem(system.system),
    systemId: isPlain ? system.id : id,
    cpuCount: system.cpus ?? defaultCpus,
    memory: system.memory ?? defaultMemory,
    items: system.items.map(hardwareItem),
    disks: system.disks.map((disk) => virtualDisk(parts, { disk, systemId: system.id })),
    nics: system.nics.map(({ network, type, item }) => ({
      instanceId: item.instanceId,
      label: item.elementName ?? `Network adapter ${item.instanceId}`,
      ...defined({ adapterType: type, sourceNetwork: network, macAddress: item.address }),
      ...defined({ network: network === undefined ? undefined : selection.networks.get(network) }),
    })),
    files: media.map((file) => ({ ...file, fileType: isNvram(system, file) ? 'NVRAM' : 'CONTENT' })),
    extraConfig: [...(selection.extraConfig.get(system.id) ?? [])],
    config: (hardware?.config ?? []).map(({ key, value, required = true }) => ({ key, value, required })),
    ...defined({ transport: hardware?.transport?.join(' ') }),
  };
}

const isNvram = ({ system }: ResolvedSystem, { name, fileRef }: { readonly name: string; readonly fileRef: string }) =>
  name.toLowerCase().endsWith('.nvram') ||
  system.hardware.some(({ extraConfig }) =>
    extraConfig.some(({ key, value }) => key === 'nvram' && value.endsWith(`/file/${fileRef}`)),
  );

function operatingSystem({ operatingSystem: os }: VirtualSystem): Pick<VirtualMachine, 'operatingSystem'> {
  if (os === undefined) return {};
  const { id, version, description, osType } = os;
  return { operatingSystem: defined({ id: id === undefined ? undefined : String(id), version, description, osType }) };
}

/** A package may name several, `vmx-08 vmx-10`: the newest counts. */
function hardwareVersion(types: string | undefined): string | undefined {
  const known = [...(types ?? '').matchAll(/\bvmx-([0-9]+)\b/g)];
  const newest = known.toSorted(([, a], [, b]) => Number(b) - Number(a))[0];
  return newest?.[0] ?? types;
}

function hardwareItem(item: DescribedItem): HardwareItem {
  const { virtualQuantity, automaticAllocation } = item;
  return {
    ...defined({ resourceSubType: item.resourceSubType, elementName: item.elementName, description: item.description }),
    ...defined({ parent: item.parent, addressOnParent: item.addressOnParent, address: item.address }),
    ...defined({ virtualQuantity: virtualQuantity === undefined ? undefined : String(virtualQuantity) }),
    ...defined({ automaticAllocation: automaticAllocation === undefined ? undefined : String(automaticAllocation) }),
    ...defined({ allocationUnits: item.allocationUnits }),
    ...defined({ reservation: item.reservation, limit: item.limit, weight: item.weight }),
    instanceId: item.instanceId,
    resourceType: item.resourceType,
    connection: [...item.connection],
    hostResource: item.hostResource.map((each) => each.trim()),
    config: item.config.map(({ key, value }) => ({ key, value })),
    required: item.required,
  };
}

function virtualDisk(
  { descriptor, selection, files, placement }: EntityParts,
  { disk, systemId }: { readonly disk: ResolvedSystem['disks'][number]; readonly systemId: string },
): VirtualDisk {
  const { bySystem, byDisk } = selection.storage;
  const own = byDisk.get(disk.diskId) ?? bySystem.get(systemId);
  const bases = basesOf(descriptor.disks, disk.diskId).map((base) => ({
    diskId: base.diskId,
    // a difference is as large as what it is a difference to
    capacity: disk.capacity ?? 0,
    ...defined({ format: base.format }),
    ...defined({ file: base.fileRef === undefined ? undefined : files.get(base.fileRef) }),
  }));
  return {
    diskId: disk.diskId,
    instanceId: disk.item.instanceId,
    label: disk.item.elementName ?? `Hard disk ${disk.item.instanceId}`,
    capacity: disk.capacity ?? 0,
    datastore: own?.datastore ?? placement.datastore,
    ...defined({ format: disk.format, provisioning: own?.provisioning ?? selection.storage.provisioning }),
    ...defined({ storageProfile: own?.profile ?? placement.storageProfile }),
    ...defined({ file: disk.fileRef === undefined ? undefined : files.get(disk.fileRef) }),
    ...(bases.length === 0 ? {} : { bases }),
  };
}

/** Along ovf:parentRef, nearest first; a circle ends where it closes. */
function basesOf(disks: readonly Disk[], diskId: string): readonly Disk[] {
  const bases: Disk[] = [];
  const parentOf = (id: string) => disks.find((disk) => disk.diskId === id)?.parentRef;
  for (let id = parentOf(diskId); id !== undefined && id !== diskId; id = parentOf(id)) {
    const base = disks.find((disk) => disk.diskId === id);
    if (base === undefined || bases.includes(base)) break;
    bases.push(base);
  }
  return bases;
}
