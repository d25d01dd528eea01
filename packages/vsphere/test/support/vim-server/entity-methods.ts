import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { managedObject, type VimObject, type VimValue } from '../../../src/vim/vim-value.ts';
import { change, isObject, isReference, type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import { childrenOf } from './vapp-config.ts';
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
  'SearchIndex.FindChild': ({ args, model }) => {
    const { entity, name } = args;
    if (!isReference(entity))
      throw new VimServerFault('InvalidArgument', 'A specified parameter was not correct: entity');
    return childOf(model, model.get(entity), String(name))?.ref;
  },
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

/** A vApp with everything below it. */
const allBelow = (model: Model, vapp: ServedObject): readonly ServedObject[] => [
  vapp,
  ...childrenOf(model, vapp).flatMap((each) => (each.ref.type === 'VirtualApp' ? allBelow(model, each) : [each])),
];

const isMachine = ({ ref }: ServedObject): boolean => ref.type === 'VirtualMachine';

function startVapp(model: Model, vapp: ServedObject): undefined {
  const machines = allBelow(model, vapp).filter(isMachine);
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
  removeAll(model, [object]);
}

function destroyVapp(model: Model, vapp: ServedObject): undefined {
  const all = allBelow(model, vapp);
  for (const machine of all.filter(isMachine)) insistOff(machine);
  removeAll(model, all);
}

/** Also from what they were in. */
function removeAll(model: Model, objects: readonly ServedObject[]): void {
  const gone = new Set(objects.map(({ ref }) => ref.value));
  const isThere = (each: VimValue) => !isReference(each) || !gone.has(each.value);
  for (const { ref } of objects) model.remove(ref);
  for (const { properties } of model.all())
    for (const name of ['vm', 'resourcePool'])
      if (Array.isArray(properties[name])) properties[name] = itemsOf(properties[name]).filter(isThere);
}

/** `DC 1/vm/web`: names below the root folder, as vSphere escapes them. */
function findByPath(model: Model, path: string): VimValue | undefined {
  const names = path.split('/').filter((name) => name !== '');
  const start = model.all().find(({ ref }) => ref.value === 'group-d1');
  return names.reduce<ServedObject | undefined>((at, name) => at && childOf(model, at, name), start)?.ref;
}

const childOf = (model: Model, parent: ServedObject, name: string): ServedObject | undefined =>
  model.all().find(({ properties }) => {
    const above = [properties['parent'], properties['parentFolder']].filter(isReference);
    return properties['name'] === name && above.some(({ value }) => value === parent.ref.value);
  });
