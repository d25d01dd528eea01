import {
  collectionsAround,
  type Entity,
  guestOsOf,
  type ProductInfo,
  type VirtualMachine,
  type VmInfo,
} from '@ovfkit/domain';
import { devicesOf } from './vm-devices.ts';

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
    guestOs: guestOsOf(vm.operatingSystem?.osType ?? 'otherGuest'),
    powerState: vm.powerState ?? 'POWERED_OFF',
    hardware: {
      version: (vm.hardwareVersion ?? defaultHardwareVersion).toUpperCase().replace('-', '_'),
      upgradePolicy: 'NEVER',
      upgradeStatus: 'NONE',
    },
    identity: { name: vm.name },
    boot: {
      type: configOf(vm, 'firmware') === 'efi' ? 'EFI' : 'BIOS',
      ...{ delay: 0, retry: false, retryDelay: 10_000, enterSetupMode: false },
    },
    cpu: {
      count: vm.cpuCount,
      hotAddEnabled: configOf(vm, 'cpuHotAddEnabled') === 'true',
      hotRemoveEnabled: configOf(vm, 'cpuHotRemoveEnabled') === 'true',
    },
    memory: {
      sizeMib: Math.floor(vm.memory / mebibyte),
      hotAddEnabled: configOf(vm, 'memoryHotAddEnabled') === 'true',
    },
    ...devicesOf(vm),
    ovf: ovfOf(vm, { entity, ...(vapp === undefined ? {} : { vapp }) }),
  };
}

/** A vmw:Config of the hardware section. */
const configOf = ({ config = [] }: VirtualMachine, key: string): string | undefined =>
  config.find((each) => each.key === key)?.value.toLowerCase();

function ovfOf(vm: VirtualMachine, { entity, vapp }: Owner): NonNullable<VmInfo['ovf']> {
  const { resourcePool, folder, host, datastore, storageProfile } = entity.placement;
  const around = collectionsAround(entity, vm.systemId);
  const products = [vm, ...around, entity].flatMap((each) => each.products);
  const product = products.find((each) => each.product !== undefined)?.product;
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
    ...(vm.template ? { template: true } : {}),
    disks: vm.disks.map(({ label, datastore: own, provisioning, storageProfile: profile }) => ({
      label,
      datastore: own,
      ...(provisioning === undefined ? {} : { provisioning }),
      ...(profile === undefined ? {} : { storageProfile: profile }),
    })),
    properties: propertiesOf(products),
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

/** A system's own property hides one of the same name that belongs to a vApp around it. */
function propertiesOf(products: readonly ProductInfo[]): { key: string; value: string }[] {
  const values = new Map<string, string>();
  for (const { classId, id, instanceId, value, password } of products.flatMap((product) => product.properties)) {
    const key = [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.');
    if (!password && value !== undefined && !values.has(key)) values.set(key, value);
  }
  return [...values].map(([key, value]) => ({ key, value }));
}
