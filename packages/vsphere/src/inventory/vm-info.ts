import { guestOsOf, type VmInfo } from '@ovfkit/domain';
import { policyOf, protocolOf } from '../ip-allocation.ts';
import { type Retrieved, retrieve, retrieveOne } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { anything, flag, list, object, optional, reference, text, type ValueOf, whole } from '../vim/vim-shape.ts';
import { type ManagedObject, managedObject, type VimValue } from '../vim/vim-value.ts';
import { restName } from './find.ts';
import { shownName } from './name.ts';
import { type Device, devices, devicesOf, type MachineNetwork } from './vm-devices.ts';

const vAppConfig = object('VmConfigInfo', {
  product: list(object('VAppProductInfo', { name: optional(text) })),
  property: list(
    object('VAppPropertyInfo', {
      classId: optional(text),
      instanceId: optional(text),
      id: optional(text),
      type: optional(text),
      defaultValue: optional(text),
      value: optional(text),
    }),
  ),
  ipAssignment: optional(
    object('VAppIPAssignmentInfo', { ipAllocationPolicy: optional(text), ipProtocol: optional(text) }),
  ),
});

const properties = {
  name: text,
  parent: optional(reference),
  parentVApp: optional(reference),
  resourcePool: optional(reference),
  datastore: list(reference),
  network: list(reference),
  'runtime.powerState': text,
  'runtime.host': optional(reference),
  'config.guestId': optional(text),
  'config.version': optional(text),
  'config.template': optional(flag),
  'config.uuid': optional(text),
  'config.instanceUuid': optional(text),
  'config.annotation': optional(text),
  'config.firmware': optional(text),
  'config.cpuHotAddEnabled': optional(flag),
  'config.cpuHotRemoveEnabled': optional(flag),
  'config.memoryHotAddEnabled': optional(flag),
  'config.bootOptions': optional(
    object('VirtualMachineBootOptions', {
      bootDelay: optional(whole),
      enterBIOSSetup: optional(flag),
      bootRetryEnabled: optional(flag),
      bootRetryDelay: optional(whole),
    }),
  ),
  'config.hardware.numCPU': optional(whole),
  'config.hardware.numCoresPerSocket': optional(whole),
  'config.hardware.memoryMB': optional(whole),
  'config.hardware.device': devices,
  'config.extraConfig': list(object('OptionValue', { key: text, value: optional(anything) })),
  'config.vAppConfig': optional(vAppConfig),
};
type Machine = Retrieved<typeof properties>['properties'];

/**
 * A machine in full, as vSphere has it now.
 * @throws SessionError NOT_FOUND
 */
export async function vmInfo(
  vim: VimClient,
  { vm, signal }: { readonly vm: string; readonly signal: AbortSignal | undefined },
): Promise<VmInfo> {
  const machine = await retrieveOne(vim, { object: managedObject('VirtualMachine', vm), properties, signal });
  const [networks, folder] = await Promise.all([
    networksOf(vim, { objects: machine.network, signal }),
    folderOf(vim, { machine, signal }),
  ]);
  const all = machine['config.hardware.device'];
  const name = shownName(machine.name);
  return {
    name,
    guestOs: guestOsOf(machine['config.guestId'] ?? 'otherGuest'),
    powerState: restName(machine['runtime.powerState']),
    hardware: { version: (machine['config.version'] ?? '').toUpperCase().replace('-', '_') },
    identity: identityOf(machine, name),
    boot: bootOf(machine),
    cpu: cpuOf(machine),
    memory: {
      sizeMib: machine['config.hardware.memoryMB'] ?? 0,
      hotAddEnabled: machine['config.memoryHotAddEnabled'] ?? false,
    },
    ...devicesOf(all, networks),
    ovf: ovfOf(machine, folder),
  };
}

function identityOf(
  { 'config.uuid': biosUuid, 'config.instanceUuid': instanceUuid }: Machine,
  name: string,
): NonNullable<VmInfo['identity']> {
  return {
    name,
    ...(biosUuid === undefined ? {} : { biosUuid }),
    ...(instanceUuid === undefined ? {} : { instanceUuid }),
  };
}

function cpuOf(machine: Machine): VmInfo['cpu'] {
  const coresPerSocket = machine['config.hardware.numCoresPerSocket'];
  return {
    count: machine['config.hardware.numCPU'] ?? 0,
    ...(coresPerSocket === undefined ? {} : { coresPerSocket }),
    hotAddEnabled: machine['config.cpuHotAddEnabled'] ?? false,
    hotRemoveEnabled: machine['config.cpuHotRemoveEnabled'] ?? false,
  };
}

async function networksOf(
  vim: VimClient,
  { objects, signal }: { readonly objects: readonly ManagedObject[]; readonly signal: AbortSignal | undefined },
): Promise<readonly MachineNetwork[]> {
  const wanted = { name: text, summary: optional(object('NetworkSummary', { opaqueNetworkId: optional(text) })) };
  const found = await retrieve(vim, { type: 'Network', objects, properties: wanted, signal });
  return found.map(({ ref, properties: { name, summary } }) => ({
    id: ref.value,
    name: shownName(name),
    opaqueNetworkId: summary?.opaqueNetworkId,
  }));
}

/** A machine in a vApp lies in the folder of the outermost vApp. */
async function folderOf(
  vim: VimClient,
  { machine, signal }: { readonly machine: Machine; readonly signal: AbortSignal | undefined },
): Promise<string> {
  const { parent, parentVApp } = machine;
  let folder = parent;
  let vapp = parentVApp;
  while (folder === undefined && vapp?.type === 'VirtualApp') {
    const asked = { parentFolder: optional(reference), parent: optional(reference) };
    const around = await retrieveOne(vim, { object: vapp, properties: asked, signal });
    folder = around.parentFolder;
    vapp = around.parent;
  }
  return folder?.value ?? '';
}

function bootOf(machine: Machine): NonNullable<VmInfo['boot']> {
  const options = machine['config.bootOptions'];
  return {
    type: machine['config.firmware'] === 'efi' ? 'EFI' : 'BIOS',
    delay: options?.bootDelay ?? 0,
    retry: options?.bootRetryEnabled ?? false,
    retryDelay: options?.bootRetryDelay ?? 10_000,
    enterSetupMode: options?.enterBIOSSetup ?? false,
  };
}

function ovfOf(machine: Machine, folder: string): NonNullable<VmInfo['ovf']> {
  const { 'config.annotation': annotation, 'config.vAppConfig': config, 'runtime.host': host, parentVApp } = machine;
  const product = config?.product.find(({ name }) => name !== undefined && name !== '')?.name;
  const { ipAllocationPolicy, ipProtocol } = config?.ipAssignment ?? {};
  return {
    ...(annotation === undefined || annotation === '' ? {} : { annotation }),
    ...(product === undefined ? {} : { product }),
    folder,
    resourcePool: machine.resourcePool?.value ?? '', // a template has none
    ...(host === undefined ? {} : { host: host.value }),
    datastore: machine.datastore[0]?.value ?? '',
    ...(parentVApp === undefined ? {} : { vapp: parentVApp.value }),
    ...(machine['config.template'] === true ? { template: true } : {}),
    properties: propertiesOf(config),
    disks: machine['config.hardware.device'].filter(({ _typeName }) => _typeName === 'VirtualDisk').map(storageOf),
    extraConfig: machine['config.extraConfig'].map(({ key, value }) => ({ key, value: plainText(value) })),
    ...(ipAllocationPolicy === undefined ? {} : { ipAllocationPolicy: policyOf(ipAllocationPolicy) }),
    ...(ipProtocol === undefined ? {} : { ipProtocol: protocolOf(ipProtocol) }),
  };
}

/** Each with the value in effect, but passwords. */
const propertiesOf = (config: ValueOf<typeof vAppConfig> | undefined): { key: string; value: string }[] =>
  (config?.property ?? [])
    .filter(({ type = 'string' }) => !type.startsWith('password'))
    .map(({ classId, id, instanceId, value, defaultValue = '' }) => ({
      key: [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.'),
      value: value === undefined || value === '' ? defaultValue : value,
    }));

function storageOf({ deviceInfo, key, backing }: Device) {
  const thick = backing?.eagerlyScrub === true ? 'eagerZeroedThick' : 'thick';
  return {
    label: deviceInfo?.label ?? String(key),
    datastore: backing?.datastore?.value ?? '',
    ...(backing?.thinProvisioned === undefined ? {} : { provisioning: backing.thinProvisioned ? 'thin' : thick }),
  };
}

/** The text of a value in a place for any type. */
function plainText(value: VimValue | undefined): string {
  if (typeof value === 'object' && '_value' in value) return String(value['_value']);
  return typeof value === 'object' || value === undefined ? '' : String(value);
}
