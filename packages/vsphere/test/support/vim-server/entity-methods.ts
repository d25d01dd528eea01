import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { managedObject, type VimObject, type VimValue } from '../../../src/vim/vim-value.ts';
import { change, isObject, isReference, type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import { endedTask, type MethodCall, type Methods } from './vim-server.ts';

/** Power, removal and look-up of what is in the inventory. */
export const entityMethods: Methods = {
  'VirtualMachine.PowerOnVM_Task': (call) => powerTask(call, { to: 'poweredOn', from: ['poweredOff', 'suspended'] }),
  'VirtualMachine.PowerOffVM_Task': (call) => powerTask(call, { to: 'poweredOff', from: ['poweredOn', 'suspended'] }),
  'VirtualMachine.SuspendVM_Task': (call) => powerTask(call, { to: 'suspended', from: ['poweredOn'] }),
  'VirtualMachine.ResetVM_Task': (call) => powerTask(call, { to: 'poweredOn', from: ['poweredOn'] }),
  'VirtualMachine.MarkAsTemplate': ({ object }) => {
    insistOff(object);
    change(object, 'config', { template: true });
  },
  'VirtualMachine.Destroy_Task': (call) => endedTask(call, () => destroyMachine(call.model, call.object)),
  'VirtualApp.PowerOnVApp_Task': (call) => endedTask(call, () => startVapp(call.model, call.object)),
  'VirtualApp.Destroy_Task': (call) => endedTask(call, () => destroyVapp(call.model, call.object)),
  'PbmServiceInstance.PbmRetrieveServiceContent': () => ({
    _typeName: 'PbmServiceInstanceContent',
    profileManager: managedObject('PbmProfileProfileManager', 'ProfileManager'),
  }),
  'PbmProfileProfileManager.PbmQueryProfile': ({ object }) =>
    itemsOf(object.properties['profiles'])
      .filter(isObject)
      .flatMap(({ profileId }) => profileId ?? []),
  'PbmProfileProfileManager.PbmRetrieveContent': ({ object, args }) => {
    const wanted = JSON.stringify(args['profileIds']);
    const isWanted = ({ profileId }: VimObject) =>
      isObject(profileId) && wanted.includes(String(profileId['uniqueId']));
    return itemsOf(object.properties['profiles']).filter(isObject).filter(isWanted);
  },
  'SearchIndex.FindByInventoryPath': ({ args, model }) => findByPath(model, String(args['inventoryPath'])),
  'EnvironmentBrowser.QueryConfigOptionDescriptor': ({ object }) =>
    itemsOf(object.properties['versions']).map((key) => ({
      _typeName: 'VirtualMachineConfigOptionDescriptor',
      key,
      createSupported: key !== 'vmx-10',
    })),
};

const powerOf = ({ properties }: ServedObject): VimValue | undefined => propertyOf(properties, 'runtime.powerState');

function powerTask(
  call: MethodCall,
  { to, from }: { readonly to: string; readonly from: readonly string[] },
): VimValue {
  return endedTask(call, () => {
    const { object } = call;
    const state = String(powerOf(object));
    if (propertyOf(object.properties, 'config.template') === true)
      throw new VimServerFault('InvalidState', 'The operation is not allowed in the current state of a template.');
    if (!from.includes(state)) throw wrongPower(to, state);
    change(object, 'runtime', { powerState: to });
    return undefined;
  });
}

const wrongPower = (requestedState: string, existingState: string): VimServerFault =>
  new VimServerFault(
    'InvalidPowerState',
    `The attempted operation cannot be performed in the current state (${existingState}).`,
    { requestedState, existingState },
  );

function startVapp(model: Model, { properties }: ServedObject): undefined {
  const machines = itemsOf(properties['vm'])
    .filter(isReference)
    .map((each) => model.get(each));
  if (machines.every((each) => powerOf(each) === 'poweredOn'))
    throw new VimServerFault('InvalidState', 'The operation is not allowed in the current state.');
  for (const machine of machines) change(machine, 'runtime', { powerState: 'poweredOn' });
}

function insistOff(object: ServedObject): void {
  const state = String(powerOf(object));
  if (state !== 'poweredOff') throw wrongPower('poweredOff', state);
}

function destroyMachine(model: Model, object: ServedObject): undefined {
  insistOff(object);
  model.remove(object.ref);
  for (const { properties } of model.all())
    if (properties['vm'] !== undefined)
      properties['vm'] = itemsOf(properties['vm']).filter(
        (each) => !isReference(each) || each.value !== object.ref.value,
      );
}

function destroyVapp(model: Model, { ref, properties }: ServedObject): undefined {
  const machines = itemsOf(properties['vm'])
    .filter(isReference)
    .map((each) => model.get(each));
  for (const machine of machines) insistOff(machine);
  for (const machine of machines) model.remove(machine.ref);
  model.remove(ref);
}

/** `DC 1/vm/web`: names below the root folder, as vSphere escapes them. */
function findByPath(model: Model, path: string): VimValue | undefined {
  const names = path.split('/').filter((name) => name !== '');
  const start = model.all().find(({ ref }) => ref.value === 'group-d1');
  return names.reduce<ServedObject | undefined>(
    (at, name) =>
      model.all().find(({ properties }) => {
        const parent = properties['parent'];
        return properties['name'] === name && isReference(parent) && parent.value === at?.ref.value;
      }),
    start,
  )?.ref;
}
