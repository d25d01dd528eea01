import type { ManagedObject, VimObject, VimValue } from '../../../src/vim/vim-value.ts';

/** As properties hold it. */
export const reference = (type: string, value: string): ManagedObject => ({
  _typeName: 'ManagedObjectReference',
  type,
  value,
});

const describe = (label: string): VimObject => ({ _typeName: 'Description', label, summary: label });

/** The devices of a machine of the sample, which lie in the folder of its name. */
export function sampleDevices(machine: string): readonly VimValue[] {
  const connectable = {
    _typeName: 'VirtualDeviceConnectInfo',
    startConnected: true,
    allowGuestControl: true,
    connected: false,
  };
  return [
    { _typeName: 'VirtualIDEController', key: 201, deviceInfo: describe('IDE 1'), busNumber: 1 },
    {
      _typeName: 'ParaVirtualSCSIController',
      key: 1000,
      deviceInfo: describe('SCSI controller 0'),
      busNumber: 0,
      sharedBus: 'noSharing',
      scsiCtlrUnitNumber: 7,
    },
    {
      _typeName: 'VirtualCdrom',
      key: 3001,
      deviceInfo: describe('CD/DVD drive 1'),
      backing: { _typeName: 'VirtualCdromIsoBackingInfo', fileName: `[ssd] ${machine}/seed.iso` },
      connectable,
      controllerKey: 201,
      unitNumber: 0,
    },
    {
      _typeName: 'VirtualDisk',
      key: 2000,
      deviceInfo: describe('Hard disk 1'),
      backing: {
        _typeName: 'VirtualDiskFlatVer2BackingInfo',
        fileName: `[ssd] ${machine}/disk.vmdk`,
        datastore: reference('Datastore', 'datastore-30'),
        diskMode: 'persistent',
        thinProvisioned: true,
      },
      controllerKey: 1000,
      unitNumber: 0,
      capacityInKB: 10 * 1024 * 1024,
      capacityInBytes: 10 * 1024 ** 3,
    },
    {
      _typeName: 'VirtualVmxnet3',
      key: 4000,
      deviceInfo: describe('Network adapter 1'),
      backing: {
        _typeName: 'VirtualEthernetCardNetworkBackingInfo',
        deviceName: 'VM Network',
        network: reference('Network', 'network-32'),
      },
      connectable,
      addressType: 'assigned',
      macAddress: '00:50:56:00:00:01',
    },
  ];
}
