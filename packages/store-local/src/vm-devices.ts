import type { HardwareItem, VirtualMachine, VmInfo } from '@ovfkit/domain';
import { topology } from './topology.ts';

type Devices = Required<
  Pick<VmInfo, 'scsiAdapters' | 'sataAdapters' | 'nvmeAdapters' | 'disks' | 'nics' | 'cdroms' | 'floppies'>
>;

/** CIM's resource types. */
const types = { ide: [5], scsi: [6], nic: [10], floppy: [14], cd: [15, 16], sata: [20] } as const;

/** The first key of each kind of device, as vSphere numbers them. */
const keys = { scsi: 1000, disk: 2000, cd: 3000, nic: 4000, floppy: 8000, sata: 15_000, nvme: 31_000 };

const buses = ['ide', 'scsi', 'sata', 'nvme'] as const;
type Bus = (typeof buses)[number];

/** The devices of a virtual machine as `vm.get` shows them, each under a key of its own. */
export function devicesOf(vm: VirtualMachine): Devices {
  const hardware = hardwareOf(vm);
  return {
    scsiAdapters: numbered(keys.scsi, adapters(vm, 'scsi'), (item, bus) => ({
      label: item.elementName ?? `SCSI controller ${bus}`,
      type: scsiType(item.resourceSubType),
      scsi: { bus, unit: 7 }, // the adapter itself takes this one
      sharing: 'NONE',
    })),
    sataAdapters: numbered(keys.sata, adapters(vm, 'sata'), (item, bus) => ({
      label: item.elementName ?? `SATA controller ${bus}`,
      type: 'AHCI',
      bus,
    })),
    nvmeAdapters: numbered(keys.nvme, adapters(vm, 'nvme'), (item, bus) => ({
      label: item.elementName ?? `NVME controller ${bus}`,
      bus,
    })),
    disks: numbered(keys.disk, vm.disks, (disk) => ({
      label: disk.label,
      ...placeOf(hardware, hardware.item(disk.instanceId)),
      backing: { type: 'VMDK_FILE', vmdkFile: pathOf(vm, disk.file?.name ?? disk.label) },
      capacity: disk.capacity,
    })),
    nics: numbered(keys.nic, vm.nics, (nic) => nicOf(hardware, nic)),
    cdroms: numbered(keys.cd, itemsOf(vm, types.cd), (item, index) => {
      const image = mediumOf(vm, item);
      return {
        label: item.elementName ?? `CD/DVD drive ${index + 1}`,
        ...placeOf(hardware, item, 'ide'),
        backing: image === undefined ? { type: 'CLIENT_DEVICE' } : { type: 'ISO_FILE', isoFile: image },
        ...connectionOf(vm, item),
      };
    }),
    floppies: numbered(keys.floppy, itemsOf(vm, types.floppy), (item, index) => {
      const image = mediumOf(vm, item);
      return {
        label: item.elementName ?? `Floppy drive ${index + 1}`,
        backing: image === undefined ? { type: 'CLIENT_DEVICE' } : { type: 'IMAGE_FILE', imageFile: image },
        ...connectionOf(vm, item),
      };
    }),
  };
}

const numbered = <Each, Value>(first: number, all: readonly Each[], value: (each: Each, index: number) => Value) =>
  all.map((each, index) => ({ key: String(first + index), value: value(each, index) }));

const itemsOf = ({ items }: VirtualMachine, wanted: readonly number[]): readonly HardwareItem[] =>
  items.filter(({ resourceType }) => wanted.includes(resourceType));

/** A virtual machine whose items are found without a look at the others: it may have hundreds. */
interface Hardware {
  readonly vm: VirtualMachine;
  /** The one with this instance id. */
  item(id: string | undefined): HardwareItem | undefined;
  /** Which adapter of its bus it is. */
  numberOf(adapter: HardwareItem): number;
}

function hardwareOf(vm: VirtualMachine): Hardware {
  const items = new Map(vm.items.toReversed().map((item) => [item.instanceId, item])); // the first of an id counts
  const numbers = new Map(buses.flatMap((bus) => adapters(vm, bus).map((item, index) => [item, index] as const)));
  return {
    vm,
    item: (id) => (id === undefined ? undefined : items.get(id)),
    numberOf: (adapter) => numbers.get(adapter) ?? 0,
  };
}

/** NVMe has no resource type of its own: VMware writes it as another controller of this subtype. */
function busOf(item: HardwareItem | undefined): Bus | undefined {
  if (item === undefined) return undefined;
  if (/nvme/i.test(item.resourceSubType ?? '')) return 'nvme';
  return (['ide', 'scsi', 'sata'] as const).find((bus) => types[bus].some((type) => type === item.resourceType));
}

const adapters = ({ items }: VirtualMachine, bus: Bus): readonly HardwareItem[] =>
  items.filter((item) => busOf(item) === bus);

/** VMware's names of adapters; what names none is the one that every guest knows. */
function scsiType(subType = ''): string {
  if (/virtualscsi|pvscsi/i.test(subType)) return 'PVSCSI';
  if (/lsilogicsas/i.test(subType)) return 'LSILOGICSAS';
  return /buslogic/i.test(subType) ? 'BUSLOGIC' : 'LSILOGIC';
}

/** On which bus a device is, and where; on the usual one when it says nothing. */
function placeOf(hardware: Hardware, item: HardwareItem | undefined, usual: Bus = 'scsi') {
  const parent = hardware.item(item?.parent);
  const bus = busOf(parent) ?? usual;
  const type = bus.toUpperCase();
  if (parent === undefined || !/^\d+$/.test(item?.addressOnParent ?? '')) return { type };
  const unit = Number(item?.addressOnParent);
  const number = hardware.numberOf(parent);
  return bus === 'ide'
    ? { type, ide: { primary: (parent.address ?? String(number)) === '0', master: unit === 0 } }
    : { type, [bus]: { bus: number, unit } };
}

function nicOf({ vm, item }: Hardware, nic: VirtualMachine['nics'][number]): VmInfo['nics'][number]['value'] {
  const { type, name } = topology.network;
  return {
    label: nic.label,
    type: (nic.adapterType ?? 'VmxNet3').toUpperCase(),
    macType: nic.macAddress === undefined ? 'ASSIGNED' : 'MANUAL',
    ...(nic.macAddress === undefined ? {} : { macAddress: nic.macAddress }),
    backing: { type, ...(nic.network === undefined ? {} : { network: nic.network, networkName: name }) },
    ...connectionOf(vm, item(nic.instanceId)),
  };
}

/** CIM's AutomaticAllocation says whether a device is connected when the machine starts. */
function connectionOf({ powerState }: VirtualMachine, item: HardwareItem | undefined) {
  const startConnected = item?.automaticAllocation?.toLowerCase() !== 'false';
  const isConnected = startConnected && powerState === 'POWERED_ON';
  return { state: isConnected ? 'CONNECTED' : 'NOT_CONNECTED', startConnected, allowGuestControl: true };
}

/** The image of the package that lies in a drive. */
function mediumOf(vm: VirtualMachine, { hostResource }: HardwareItem): string | undefined {
  const file = vm.files.find(({ fileRef }) => hostResource.includes(`ovf:/file/${fileRef}`));
  return file === undefined ? undefined : pathOf(vm, file.name);
}

const pathOf = ({ name }: VirtualMachine, file: string): string => `[${topology.datastore.name}] ${name}/${file}`;
