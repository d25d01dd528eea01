import { hostResourceTarget, type ResolvedSystem } from '@ovfkit/package-format';
import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { managedObject, type VimObject } from '../../../src/vim/vim-value.ts';
import { isObject, isReference, type ServedObject } from './model.ts';
import type { Device } from './nfc-leases.ts';

const add = (device: VimObject): VimObject => ({ _typeName: 'VirtualDeviceConfigSpec', operation: 'add', device });

/** The devices that a descriptor asks for, as an import spec adds them: disks, network adapters, drives with an image. */
export function addedDevices({ disks, nics, items }: ResolvedSystem, args: VimObject): readonly VimObject[] {
  const cisp = isObject(args['cisp']) ? args['cisp'] : {};
  const networks = itemsOf(cisp['networkMapping']).filter(isObject);
  const images = items.filter(
    ({ resourceType, hostResource }) =>
      resourceType === 15 && hostResource.some((each) => hostResourceTarget(each)?.kind === 'file'),
  );
  return [
    ...disks.map(({ capacity }, index) => ({
      ...add({
        _typeName: 'VirtualDisk',
        key: -10 - index,
        backing: {
          _typeName: 'VirtualDiskFlatVer2BackingInfo',
          fileName: '[ssd]',
          datastore: args['datastore'],
          diskMode: 'persistent',
          thinProvisioned: true,
        },
        capacityInKB: (capacity ?? 0) / 1024,
      }),
      fileOperation: 'create',
    })),
    ...nics.map(({ network, type = 'Vmxnet3' }, index) =>
      add({
        _typeName: /e1000/i.test(type) ? 'VirtualE1000' : 'VirtualVmxnet3',
        key: -30 - index,
        backing: {
          _typeName: 'VirtualEthernetCardNetworkBackingInfo',
          deviceName: network,
          network: networks.find(({ name }) => name === network)?.['network'],
        },
      }),
    ),
    ...images.map((_, index) =>
      add({
        _typeName: 'VirtualCdrom',
        key: -50 - index,
        backing: { _typeName: 'VirtualCdromIsoBackingInfo', fileName: `[ssd] image-${index}.iso` },
      }),
    ),
  ];
}

const controllerTypes: ReadonlySet<unknown> = new Set(['VirtualIDEController', 'ParaVirtualSCSIController']);

/** Those that a machine has of it, with controllers as `before` has them. */
export function madeDevices(before: readonly VimObject[], config: VimObject): readonly VimObject[] {
  const added = itemsOf(config['deviceChange'])
    .filter(isObject)
    .map(({ device }) => device)
    .filter(isObject);
  const counts = new Map<string, number>();
  const made = added.map((device) => {
    const type = String(device['_typeName']);
    const index = counts.get(type) ?? 0;
    counts.set(type, index + 1);
    const isDisk = type === 'VirtualDisk';
    return {
      ...device,
      key: 2_000 + counts.size * 1_000 + index,
      deviceInfo: { _typeName: 'Description', label: `${type} ${index + 1}`, summary: type },
      ...(isDisk ? { controllerKey: 1000, unitNumber: index } : {}),
      ...(/Vmxnet3|E1000/.test(type) ? { addressType: 'assigned', macAddress: `00:50:56:00:01:0${index}` } : {}),
    };
  });
  return [...before.filter(({ _typeName }) => controllerTypes.has(_typeName)), ...made];
}

const files = new WeakMap<ServedObject, readonly Device[]>();

/** What came for a machine, which it has from then on. */
export const keepFiles = (machine: ServedObject, devices: readonly Device[]): void => void files.set(machine, devices);

/** Of an imported machine, in the order of its devices; nothing of one that was there before. */
export const keptFiles = (machine: ServedObject): readonly Device[] | undefined =>
  files.get(machine)?.filter(({ bytes }) => bytes.length > 0);

/** The network that an adapter is connected to, as descriptors of vCenters name it. */
export function networkOf({ backing }: VimObject): string {
  const network = isObject(backing) ? backing['network'] : undefined;
  return isReference(network) ? network.value : managedObject('DistributedVirtualPortgroup', 'dvportgroup-33').value;
}
