import type { Entity, HardwareItem, ProductInfo, VirtualMachine, VmInfo } from '@ovfkit/domain';
import { topology } from './topology.ts';

/** CIM's resource types of the controllers that disks hang on. */
const controllers: ReadonlyMap<number, string> = new Map([
  [5, 'IDE'],
  [6, 'SCSI'],
  [20, 'SATA'],
]);

/** vCenter's names of guests that the spelling rule of `guestOsOf` does not give. */
const irregularGuests: ReadonlyMap<string, string> = new Map([
  ['windows2019srv_64Guest', 'WINDOWS_SERVER_2019'],
  ['windows2019srvNext_64Guest', 'WINDOWS_SERVER_2021'],
  ['windows2022srvNext_64Guest', 'WINDOWS_SERVER_2025'],
]);

/** Of a package that names no hardware version. */
const defaultHardwareVersion = 'vmx-13';

const mebibyte = 1024 * 1024;

interface Owner {
  readonly entity: Omit<Entity, 'vms'>;
  /** Absent for a virtual machine of its own. */
  readonly vapp?: string;
}

/** What `vm.get` shows of a virtual machine. */
export function vmInfoOf(vm: VirtualMachine, { entity, vapp }: Owner): VmInfo {
  return {
    name: vm.name,
    guestOs: guestOsOf(vm.operatingSystem?.osType),
    powerState: vm.powerState ?? 'POWERED_OFF',
    hardware: { version: (vm.hardwareVersion ?? defaultHardwareVersion).toUpperCase().replace('-', '_') },
    cpu: { count: vm.cpuCount },
    memory: { sizeMib: Math.floor(vm.memory / mebibyte) },
    disks: disksOf(vm),
    nics: nicsOf(vm),
    ovf: ovfOf(vm, { entity, ...(vapp === undefined ? {} : { vapp }) }),
  };
}

/** `ubuntu64Guest` is UBUNTU_64, `rhel7_64Guest` RHEL_7_64: words and numbers apart. */
function guestOsOf(osType = 'otherGuest'): string {
  const regular = osType
    .replace(/Guest$/, '')
    .replaceAll(/([a-z])([A-Z0-9])/g, '$1_$2')
    .replaceAll(/(\d)([A-Z])/g, '$1_$2');
  return irregularGuests.get(osType) ?? regular.toUpperCase();
}

const disksOf = (vm: VirtualMachine): VmInfo['disks'] =>
  vm.disks.map((disk, index) => ({
    key: String(2000 + index), // vSphere numbers the disks of the first controller from 2000
    value: {
      label: disk.label,
      type: controllerOf(vm.items, disk.instanceId),
      backing: {
        type: 'VMDK_FILE',
        vmdkFile: `[${topology.datastore.name}] ${vm.name}/${disk.file?.name ?? disk.label}`,
      },
      capacity: disk.capacity,
    },
  }));

function controllerOf(items: readonly HardwareItem[], instanceId: string): string {
  const parent = items.find((item) => item.instanceId === instanceId)?.parent;
  const controller = items.find((item) => item.instanceId === parent);
  if (/nvme/i.test(controller?.resourceSubType ?? '')) return 'NVME';
  return controllers.get(controller?.resourceType ?? 0) ?? 'SCSI';
}

const nicsOf = (vm: VirtualMachine): VmInfo['nics'] =>
  vm.nics.map((nic, index) => ({
    key: String(4000 + index), // likewise the network adapters from 4000
    value: {
      label: nic.label,
      type: (nic.adapterType ?? 'VmxNet3').toUpperCase(),
      ...(nic.macAddress === undefined ? {} : { macAddress: nic.macAddress }),
      backing: {
        type: topology.network.type,
        ...(nic.network === undefined ? {} : { network: nic.network, networkName: topology.network.name }),
      },
    },
  }));

function ovfOf(vm: VirtualMachine, { entity, vapp }: Owner): NonNullable<VmInfo['ovf']> {
  const { resourcePool, folder, host, datastore, storageProfile } = entity.placement;
  const product = [...vm.products, ...entity.products].find((each) => each.product !== undefined)?.product;
  return {
    ...(vm.annotation === undefined ? {} : { annotation: vm.annotation }),
    ...(entity.deploymentOption === undefined ? {} : { deploymentOption: entity.deploymentOption }),
    ...(product === undefined ? {} : { product }),
    folder,
    resourcePool: vapp ?? resourcePool,
    ...(host === undefined ? {} : { host }),
    datastore,
    ...(vapp === undefined ? {} : { vapp }),
    ...(storageProfile === undefined ? {} : { storageProfile }),
    disks: vm.disks.map(({ label, datastore: own, provisioning, storageProfile: profile }) => ({
      label,
      datastore: own,
      ...(provisioning === undefined ? {} : { provisioning }),
      ...(profile === undefined ? {} : { storageProfile: profile }),
    })),
    properties: propertiesOf([...vm.products, ...entity.products]),
    extraConfig: vm.extraConfig.map(({ key, value }) => ({ key, value })),
    ...choicesOf(vm, entity),
  };
}

/** What an import was told beside placement and values. */
function choicesOf(vm: VirtualMachine, entity: Owner['entity']): Partial<NonNullable<VmInfo['ovf']>> {
  const { ipAllocation, extensionAccepted, services, envelopeSections = [] } = entity;
  const sections = [...envelopeSections, ...(vm.sections ?? [])];
  return {
    ...(ipAllocation === undefined
      ? {}
      : { ipAllocationPolicy: ipAllocation.policy, ipProtocol: ipAllocation.protocol }),
    ...(vm.customization === undefined ? {} : { guestCustomization: vm.customization.type }),
    ...(extensionAccepted === undefined ? {} : { extensionAccepted }),
    ...(services === undefined
      ? {}
      : { services: services.map(({ id, provider = '' }) => ({ key: id, value: provider })) }),
    ...(sections.length === 0 ? {} : { sections: sections.map(({ tag }) => tag) }),
  };
}

/** A system's own property hides one of the same name that belongs to the whole vApp. */
function propertiesOf(products: readonly ProductInfo[]): { key: string; value: string }[] {
  const values = new Map<string, string>();
  for (const { classId, id, instanceId, value, password } of products.flatMap((product) => product.properties)) {
    const key = [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.');
    if (!password && value !== undefined && !values.has(key)) values.set(key, value);
  }
  return [...values].map(([key, value]) => ({ key, value }));
}
