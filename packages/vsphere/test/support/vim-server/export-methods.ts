import { noise, sampleDisk, sampleDiskCapacity } from '@ovfkit/conformance';
import { type WritableContent, type WritableItem, type WritableSystem, writeDescriptor } from '@ovfkit/package-format';
import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimObject, type VimValue } from '../../../src/vim/vim-value.ts';
import { keptFiles, networkOf } from './made-devices.ts';
import { isObject, isReference, type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import type { Device, NfcLeases } from './nfc-leases.ts';
import { childrenOf, describedSections, describedVapp } from './vapp-config.ts';
import { endedTask, type MethodCall, type Methods } from './vim-server.ts';

/** What a machine's files hold; the same each time. A disk is one. */
export const bytesOfDevice = (machine: string, name: string): Buffer =>
  Buffer.from(name.endsWith('.vmdk') ? sampleDisk(machine) : noise(300_000, `${machine}/${name}`));

/** Exports by leases, of machines that are off, vApps, and snapshots; and descriptors of them. */
export function exportMethods(leases: NfcLeases): Methods {
  const lease = (call: MethodCall, machines: readonly ServedObject[]): ManagedObject =>
    leases.begin({
      model: call.model,
      make: () => ({ entity: call.object.ref, devices: machines.flatMap(devicesOf), undo: () => {} }),
      totalDiskCapacityInKB: machines.length * 1024,
    });
  return {
    'VirtualMachine.ExportVm': (call) => lease(call, [off(call.object)]),
    'VirtualApp.ExportVApp': (call) => lease(call, machinesOf(call.model, call.object).map(off)),
    'VirtualMachine.CreateSnapshot_Task': (call) =>
      endedTask(call, () => {
        const { model, object, args } = call;
        const { name, description } = args;
        const { ref } = model.add('VirtualMachineSnapshot', model.nextId('snapshot'), {
          name,
          description,
          vm: object.ref,
        });
        showSnapshots(model, object);
        return ref;
      }),
    'VirtualMachineSnapshot.RemoveSnapshot_Task': (call) =>
      endedTask(call, () => {
        const { model, object } = call;
        const { vm } = object.properties;
        model.remove(object.ref);
        if (isReference(vm)) showSnapshots(model, model.get(vm));
        return undefined;
      }),
    'VirtualMachineSnapshot.ExportSnapshot': (call) => {
      const vm = call.object.properties['vm'];
      return lease(call, isReference(vm) ? [call.model.get(vm)] : []);
    },
    'OvfManager.CreateDescriptor': describe,
  };
}

/** Those of a machine, one after the other as vSphere makes them: each is the child of the one before. */
function showSnapshots(model: Model, { ref, properties }: ServedObject): void {
  const own = model
    .all()
    .filter((each) => each.ref.type === 'VirtualMachineSnapshot')
    .filter((each) => propertyOf(each.properties, 'vm.value') === ref.value);
  const tree = own.reduceRight<readonly VimObject[]>(
    (childSnapshotList, { ref: snapshot, properties: { name, description } }) => [
      { _typeName: 'VirtualMachineSnapshotTree', snapshot, name, description, childSnapshotList },
    ],
    [],
  );
  properties['snapshot'] =
    tree.length === 0 ? undefined : { _typeName: 'VirtualMachineSnapshotInfo', rootSnapshotList: tree };
}

function off(object: ServedObject): ServedObject {
  if (propertyOf(object.properties, 'runtime.powerState') === 'poweredOff') return object;
  throw new VimServerFault(
    'InvalidPowerState',
    'The attempted operation cannot be performed in the current state (Powered on).',
  );
}

const machinesOf = (model: Model, object: ServedObject): readonly ServedObject[] =>
  object.ref.type === 'VirtualMachine'
    ? [object]
    : childrenOf(model, object).flatMap((each) => machinesOf(model, each));

const nameOf = ({ properties }: ServedObject): string => String(properties['name']);

/** The files of a machine: those it was imported with, or those of a machine of the sample. */
function devicesOf(machine: ServedObject): readonly Device[] {
  const kept = keptFiles(machine);
  const sample = [
    { key: 'ParaVirtualSCSIController0:0', file: 'disk-0.vmdk', isDisk: true },
    { key: 'VirtualIDEController1:0', file: 'seed.iso', isDisk: false },
    { key: 'nvram', file: `${nameOf(machine)}.nvram`, isDisk: false },
  ].map(({ key, file, isDisk }) => ({ key, file, isDisk, bytes: bytesOfDevice(machine.ref.value, file) }));
  return (kept?.map(keptFile) ?? sample).map(({ key, file, isDisk, bytes }) => ({
    key: `/${machine.ref.value}/${key}`,
    name: `${machine.ref.value}-${file}`,
    isDisk,
    bytes,
  }));
}

/** What an import calls the drives of images, an export calls otherwise. */
function keptFile({ key, isDisk, bytes }: Device) {
  const own = key.slice(key.lastIndexOf('/') + 1).replace('VirtualIDEController0', 'VirtualIDEController1');
  const unit = own.slice(own.lastIndexOf(':') + 1);
  return {
    key: own,
    file: isDisk ? `disk-${unit}.vmdk` : own === 'nvram' ? 'own.nvram' : `cd-${unit}.iso`,
    isDisk,
    bytes,
  };
}

/** As a vCenter writes it, whose distributed networks have their identifiers for names. */
function describe({ args, model }: MethodCall): VimValue {
  const { obj, cdp } = args;
  if (!isReference(obj) || !isObject(cdp))
    throw new VimServerFault('InvalidArgument', 'A specified parameter was not correct: obj');
  const files = itemsOf(cdp['ovfFiles']).filter(isObject);
  const machines = machinesOf(model, model.get(obj));
  const fileOf = (machine: ServedObject, key: string) => {
    const index = files.findIndex(({ deviceId }) => deviceId === `/${machine.ref.value}/${key}`);
    return index < 0 ? undefined : `file${index + 1}`;
  };
  const contentOf = (object: ServedObject): WritableContent =>
    object.ref.type === 'VirtualMachine'
      ? systemOf(object, { fileOf, cdp })
      : {
          ...{ kind: 'VirtualSystemCollection', id: nameOf(object), name: nameOf(object), info: 'A vApp' },
          ...describedVapp(model, object),
          children: childrenOf(model, object).map(contentOf),
        };
  const descriptor = writeDescriptor({
    files: files.map(({ path, size }, index) => ({ id: `file${index + 1}`, href: String(path), size: Number(size) })),
    disks: machines.flatMap((machine) =>
      disksOf(machine).map(({ capacity, index }) => ({
        diskId: `vmdisk-${machine.ref.value}-${index}`,
        capacity: String(capacity),
        fileRef: fileOf(machine, `ParaVirtualSCSIController0:${index}`),
        format: 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized',
      })),
    ),
    networks: [...new Set(machines.flatMap((machine) => nicsOf(machine).map(({ network }) => network)))].map(
      (name) => ({
        name,
        description: `The ${name} network`,
      }),
    ),
    content: contentOf(model.get(obj)),
  });
  return { _typeName: 'OvfCreateDescriptorResult', ovfDescriptor: descriptor };
}

const hardwareOf = ({ properties }: ServedObject, type: RegExp): readonly VimObject[] =>
  itemsOf(propertyOf(properties, 'config.hardware.device'))
    .filter(isObject)
    .filter(({ _typeName }) => type.test(String(_typeName)));

/** A sample's disk has the capacity of what it gives out. */
const disksOf = (machine: ServedObject) =>
  hardwareOf(machine, /^VirtualDisk$/).map(({ capacityInKB }, index) => ({
    index,
    capacity: keptFiles(machine) === undefined ? sampleDiskCapacity : Number(capacityInKB) * 1024,
  }));

/** A sample's adapter is on the distributed network. */
const nicsOf = (machine: ServedObject) =>
  hardwareOf(machine, /Vmxnet3|E1000/).map((device) => ({
    network: keptFiles(machine) === undefined ? 'dvportgroup-33' : networkOf(device),
    type: String(device['_typeName']).replace('Virtual', '').replace('Vmxnet3', 'VmxNet3'),
  }));

function systemOf(
  machine: ServedObject,
  {
    fileOf,
    cdp,
  }: { readonly fileOf: (machine: ServedObject, key: string) => string | undefined; readonly cdp: VimObject },
): WritableSystem {
  const options = itemsOf(cdp['exportOption']).map(String);
  const item = (fields: Partial<WritableItem> & Pick<WritableItem, 'instanceId' | 'resourceType'>): WritableItem => ({
    required: true,
    connection: [],
    hostResource: [],
    config: [],
    elementName: `e${fields.instanceId}`,
    ...fields,
  });
  const nvram = fileOf(machine, 'nvram');
  const vapp = propertyOf(machine.properties, 'config.vAppConfig');
  const hardware = (name: string): number => Number(propertyOf(machine.properties, `config.hardware.${name}`));
  const image = String(cdp['includeImageFiles']) === 'true' ? fileOf(machine, 'VirtualIDEController1:0') : undefined;
  return {
    kind: 'VirtualSystem',
    id: nameOf(machine),
    name: nameOf(machine),
    info: 'A virtual machine',
    sections: isObject(vapp) ? describedSections(vapp) : [],
    operatingSystem: { id: 94, osType: String(propertyOf(machine.properties, 'config.guestId')) },
    hardware: [
      {
        system: { virtualSystemType: String(propertyOf(machine.properties, 'config.version')) },
        items: [
          item({ instanceId: '1', resourceType: 3, virtualQuantity: hardware('numCPU') }),
          item({
            instanceId: '2',
            resourceType: 4,
            virtualQuantity: hardware('memoryMB'),
            allocationUnits: 'byte * 2^20',
          }),
          item({ instanceId: '3', resourceType: 6, resourceSubType: 'VirtualSCSI', address: '0' }),
          item({ instanceId: '4', resourceType: 5, address: '1' }),
          ...disksOf(machine).map(({ index }) =>
            item({
              instanceId: `5${index}`,
              resourceType: 17,
              parent: '3',
              addressOnParent: String(index),
              hostResource: [`ovf:/disk/vmdisk-${machine.ref.value}-${index}`],
            }),
          ),
          ...hardwareOf(machine, /^VirtualCdrom$/).map(() =>
            item({
              instanceId: '6',
              resourceType: 15,
              parent: '4',
              addressOnParent: '0',
              hostResource: image === undefined ? [] : [`ovf:/file/${image}`],
            }),
          ),
          ...nicsOf(machine).map(({ network, type }, index) =>
            item({
              instanceId: `7${index}`,
              resourceType: 10,
              resourceSubType: type,
              connection: [network],
              ...(options.includes('mac') ? { address: `00:50:56:00:00:0${index + 1}` } : {}),
            }),
          ),
        ],
        config: [{ key: 'firmware', value: 'efi', required: false }],
        extraConfig: [
          ...(nvram === undefined ? [] : [{ key: 'nvram', value: `ovf:/file/${nvram}`, required: false }]),
          ...(options.includes('extraconfig') ? [{ key: 'guestinfo.a', value: 'b', required: false }] : []),
        ],
      },
    ],
  };
}

const optionInfo = (option: string): VimObject => ({
  _typeName: 'OvfOptionInfo',
  option,
  description: { _typeName: 'LocalizableMessage', key: option },
});

/** What an OvfManager can be asked for beyond the usual. */
export function offerOptions(model: Model): void {
  const { properties } = model.get(managedObject('OvfManager', 'OvfManager'));
  properties['ovfImportOption'] = ['lax', 'noCompression'].map(optionInfo);
  properties['ovfExportOption'] = ['mac', 'uuid', 'extraconfig', 'nodevicesubtypes'].map(optionInfo);
}
