import type { VmInfo } from '@ovfkit/domain';
import { flag, list, object, optional, reference, text, type ValueOf, whole } from '../vim/vim-shape.ts';
import { given, restName } from './find.ts';

/** What the kinds of device say, each its own part of it. */
export const device = object('VirtualDevice', {
  key: whole,
  deviceInfo: optional(object('Description', { label: text })),
  backing: optional(
    object('VirtualDeviceBackingInfo', {
      fileName: optional(text),
      datastore: optional(reference),
      thinProvisioned: optional(flag),
      eagerlyScrub: optional(flag),
      deviceName: optional(text),
      network: optional(reference),
      port: optional(object('DistributedVirtualSwitchPortConnection', { portgroupKey: optional(text) })),
      opaqueNetworkId: optional(text),
    }),
  ),
  connectable: optional(
    object('VirtualDeviceConnectInfo', { startConnected: flag, allowGuestControl: flag, connected: flag }),
  ),
  controllerKey: optional(whole),
  unitNumber: optional(whole),
  busNumber: optional(whole),
  sharedBus: optional(text),
  scsiCtlrUnitNumber: optional(whole),
  capacityInKB: optional(whole),
  capacityInBytes: optional(whole),
  addressType: optional(text),
  macAddress: optional(text),
});
/** All devices of a machine, of whatever kind. */
export const devices = list(device);
export type Device = ValueOf<typeof device>;

/** A network that a machine is connected to. */
export interface MachineNetwork {
  readonly id: string;
  readonly name: string;
  readonly opaqueNetworkId: string | undefined;
}

type Devices = Required<
  Pick<VmInfo, 'scsiAdapters' | 'sataAdapters' | 'nvmeAdapters' | 'disks' | 'nics' | 'cdroms' | 'floppies'>
>;

/** The devices of a machine as `vm.get` shows them, under vSphere's own keys. */
export function devicesOf(all: readonly Device[], networks: readonly MachineNetwork[]): Devices {
  const shown = <Value>(isWanted: (type: string) => boolean, show: (each: Device) => Value) =>
    all.filter(({ _typeName }) => isWanted(_typeName)).map((each) => ({ key: String(each.key), value: show(each) }));
  const is = (wanted: string) => (type: string) => type === wanted;
  return {
    scsiAdapters: shown(isScsi, (each) => ({
      label: labelOf(each),
      type: scsiTypes.get(each._typeName) ?? each._typeName,
      scsi: { bus: each.busNumber ?? 0, unit: each.scsiCtlrUnitNumber ?? 7 },
      sharing: sharings.get(each.sharedBus ?? '') ?? 'NONE',
    })),
    sataAdapters: shown(is('VirtualAHCIController'), (each) => ({
      label: labelOf(each),
      type: 'AHCI',
      bus: each.busNumber ?? 0,
    })),
    nvmeAdapters: shown(is('VirtualNVMEController'), (each) => ({ label: labelOf(each), bus: each.busNumber ?? 0 })),
    disks: shown(is('VirtualDisk'), (each) => ({
      label: labelOf(each),
      ...placeOf(all, each),
      backing: { type: 'VMDK_FILE', ...given('vmdkFile', each.backing?.fileName) },
      ...given(
        'capacity',
        each.capacityInBytes ?? (each.capacityInKB === undefined ? undefined : each.capacityInKB * 1024),
      ),
    })),
    nics: shown(
      (type) => nicTypes.has(type),
      (each) => nicOf(each, networks),
    ),
    cdroms: shown(is('VirtualCdrom'), (each) => ({
      label: labelOf(each),
      ...placeOf(all, each),
      backing: mediumOf(each, { file: 'ISO_FILE', field: 'isoFile' }),
      ...connectionOf(each),
    })),
    floppies: shown(is('VirtualFloppy'), (each) => ({
      label: labelOf(each),
      backing: mediumOf(each, { file: 'IMAGE_FILE', field: 'imageFile' }),
      ...connectionOf(each),
    })),
  };
}

const scsiTypes: ReadonlyMap<string, string> = new Map([
  ['ParaVirtualSCSIController', 'PVSCSI'],
  ['VirtualLsiLogicController', 'LSILOGIC'],
  ['VirtualLsiLogicSASController', 'LSILOGICSAS'],
  ['VirtualBusLogicController', 'BUSLOGIC'],
]);
const isScsi = (type: string): boolean => scsiTypes.has(type);

const sharings: ReadonlyMap<string, string> = new Map([
  ['physicalSharing', 'PHYSICAL'],
  ['virtualSharing', 'VIRTUAL'],
]);

const nicTypes: ReadonlyMap<string, string> = new Map([
  ['VirtualE1000', 'E1000'],
  ['VirtualE1000e', 'E1000E'],
  ['VirtualPCNet32', 'PCNET32'],
  ['VirtualVmxnet', 'VMXNET'],
  ['VirtualVmxnet2', 'VMXNET2'],
  ['VirtualVmxnet3', 'VMXNET3'],
  ['VirtualVmxnet3Vrdma', 'VMXNET3VRDMA'],
  ['VirtualSriovEthernetCard', 'SRIOV'],
]);

const labelOf = ({ deviceInfo, key }: Device): string => deviceInfo?.label ?? String(key);

/** On which bus a device is, and where. */
function placeOf(all: readonly Device[], { controllerKey, unitNumber: unit = 0 }: Device) {
  const controller = all.find(({ key }) => key === controllerKey);
  const bus = controller?.busNumber ?? 0;
  switch (controller?._typeName) {
    case 'VirtualIDEController':
      return { type: 'IDE', ide: { primary: bus === 0, master: unit === 0 } };
    case 'VirtualAHCIController':
      return { type: 'SATA', sata: { bus, unit } };
    case 'VirtualNVMEController':
      return { type: 'NVME', nvme: { bus, unit } };
    default:
      return { type: 'SCSI', scsi: { bus, unit } };
  }
}

const connectionOf = ({ connectable }: Device) =>
  connectable === undefined
    ? {}
    : {
        state: connectable.connected ? 'CONNECTED' : 'NOT_CONNECTED',
        startConnected: connectable.startConnected,
        allowGuestControl: connectable.allowGuestControl,
      };

/** An image, the drive of a host, or whatever the client of the machine puts in. */
function mediumOf<Field extends string>(
  { backing }: Device,
  { file, field }: { readonly file: string; readonly field: Field },
) {
  if (/IsoBacking|ImageBacking/.test(backing?._typeName ?? ''))
    return { type: file, ...given(field, backing?.fileName) };
  return { type: /Remote/.test(backing?._typeName ?? 'Remote') ? 'CLIENT_DEVICE' : 'HOST_DEVICE' };
}

function nicOf(each: Device, networks: readonly MachineNetwork[]): VmInfo['nics'][number]['value'] {
  const { backing, _typeName: type, addressType, macAddress } = each;
  const portgroup = backing?.port?.portgroupKey;
  const opaque = networks.find(
    ({ opaqueNetworkId }) => opaqueNetworkId !== undefined && opaqueNetworkId === backing?.opaqueNetworkId,
  );
  const id = portgroup ?? backing?.network?.value ?? opaque?.id;
  const name = networks.find((network) => network.id === id)?.name ?? backing?.deviceName;
  return {
    label: labelOf(each),
    type: nicTypes.get(type) ?? type,
    ...(addressType === undefined ? {} : { macType: restName(addressType) }),
    ...given('macAddress', macAddress),
    backing: {
      type:
        portgroup !== undefined
          ? 'DISTRIBUTED_PORTGROUP'
          : backing?.opaqueNetworkId === undefined
            ? 'STANDARD_PORTGROUP'
            : 'OPAQUE_NETWORK',
      ...given('network', id),
      ...given('networkName', name),
    },
    ...connectionOf(each),
  };
}
