import { setTimeout as sleep } from 'node:timers/promises';
import { writeExact } from '../../../src/vim/exact-json.ts';
import { itemsOf } from '../../../src/vim/vim-shape.ts';
import type { ManagedObject, VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { box, isA, isObject, isReference, type Model, propertyOf, type ServedObject, VimServerFault } from './model.ts';
import { localized, type MethodCall, type Methods, type SlowMethods } from './vim-server.ts';

/** The property collector and views, of which this is all that clients here use. */
export const propertyMethods: Methods = {
  'ViewManager.CreateContainerView': ({ args, model }) => {
    const container = referenceIn(args, 'container');
    model.get(container);
    const types = itemsOf(args['type']).map(String);
    const view = model
      .all()
      .filter(({ ref }) => types.some((type) => isA(ref.type, type)))
      .filter((each) => ancestorsOf(model, each).some(({ value }) => value === container.value))
      .map(({ ref }) => ref);
    return model.add('ContainerView', model.nextId('view'), { view }).ref;
  },
  'ContainerView.DestroyView': ({ object, model }) => {
    model.remove(object.ref);
  },
  'PropertyCollector.RetrievePropertiesEx': ({ args, model, server }) => {
    const found = itemsOf(args['specSet']).flatMap((spec) => (isObject(spec) ? collect(model, spec) : []));
    const options = args['options'];
    const asked = isObject(options) ? Number(options['maxObjects'] ?? found.length) : found.length;
    return page(model, found, Math.min(asked, server.pageSize));
  },
  'PropertyCollector.ContinueRetrievePropertiesEx': ({ args, model, server }) => {
    const token = String(args['token']);
    const rest = model.all().find(({ ref }) => ref.type === 'page' && ref.value === token);
    if (rest === undefined) throw new VimServerFault('InvalidProperty', 'A specified parameter was not correct: token');
    model.remove(rest.ref);
    return page(model, itemsOf(rest.properties['objects']), server.pageSize);
  },
  'PropertyCollector.CreatePropertyCollector': ({ model }) =>
    model.add('PropertyCollector', model.nextId('collector'), { version: 0 }).ref,
  'PropertyCollector.CreateFilter': ({ object, args, model }) => {
    object.properties['filter'] = args['spec'];
    return model.add('PropertyFilter', model.nextId('filter')).ref;
  },
  'PropertyCollector.DestroyPropertyCollector': ({ object, model }) => {
    model.remove(object.ref);
  },
};

export const slowPropertyMethods: SlowMethods = {
  'PropertyCollector.WaitForUpdatesEx': waitForUpdates,
};

const lookEveryMs = 10;

/** The first call tells what there is, each later one what has changed since. */
async function waitForUpdates({ object, args, model }: MethodCall): Promise<VimValue | undefined> {
  const options = args['options'];
  const { filter, told } = object.properties;
  const end = Date.now() + 1000 * Number(isObject(options) ? (options['maxWaitSeconds'] ?? 600) : 600);
  for (;;) {
    model.get(object.ref); // one that is destroyed is waited for no longer
    const now = isObject(filter) ? seen(model, filter) : '';
    if (args['version'] === '' || now !== told) {
      const version = Number(object.properties['version']) + 1;
      Object.assign(object.properties, { version, told: now });
      return { _typeName: 'UpdateSet', version: String(version) };
    }
    if (Date.now() > end) return undefined;
    await sleep(lookEveryMs);
  }
}

function page(model: Model, found: readonly VimValue[], size: number): VimValue | undefined {
  if (found.length === 0) return undefined;
  const rest = found.slice(size);
  const token = rest.length === 0 ? undefined : model.add('page', model.nextId('token'), { objects: rest }).ref.value;
  return { _typeName: 'RetrieveResult', ...(token === undefined ? {} : { token }), objects: found.slice(0, size) };
}

function collect(model: Model, { propSet, objectSet }: VimObject): readonly VimObject[] {
  const specs = itemsOf(propSet).filter(isObject);
  return itemsOf(objectSet)
    .filter(isObject)
    .flatMap((start) => {
      const object = model.get(referenceIn(start, 'obj'));
      const next = itemsOf(start['selectSet'])
        .filter(isObject)
        .flatMap(({ path }) => follow(model, object, String(path)));
      return String(start['skip']) === 'true' ? next : [object, ...next];
    })
    .flatMap((object) => {
      const spec = specs.find(({ type }) => isA(object.ref.type, String(type)));
      return spec === undefined ? [] : [contentOf(object, itemsOf(spec['pathSet']).map(String))];
    });
}

/** What was removed since is in no view. */
const follow = (model: Model, { properties }: ServedObject, path: string): readonly ServedObject[] =>
  itemsOf(propertyOf(properties, path))
    .filter(isReference)
    .flatMap(({ type, value }) => model.all().filter(({ ref }) => ref.type === type && ref.value === value));

/** Properties whose values are names of an enumeration, which is then their type. */
const enumerations: ReadonlyMap<string, string> = new Map([
  ['info.state', 'TaskInfoState'],
  ['runtime.connectionState', 'HostSystemConnectionState'],
  ['runtime.powerState', 'VirtualMachinePowerState'],
  ['state', 'HttpNfcLeaseState'],
]);

function contentOf({ ref, properties, hidden }: ServedObject, paths: readonly string[]): VimObject {
  const missingSet = paths
    .filter((path) => hidden.has(path))
    .map((path) => ({ _typeName: 'MissingProperty', path, fault: localized(noPermission(ref)) }));
  const propSet = paths.flatMap((name) => {
    if (hidden.has(name)) return [];
    const value = propertyOf(properties, name);
    if (value === undefined) return [];
    const enumeration = enumerations.get(name);
    const val = enumeration === undefined ? box(value) : { _typeName: enumeration, _value: value };
    return [{ _typeName: 'DynamicProperty', name, val }];
  });
  return {
    _typeName: 'ObjectContent',
    obj: ref,
    ...(propSet.length === 0 ? {} : { propSet }),
    ...(missingSet.length === 0 ? {} : { missingSet }),
  };
}

const noPermission = (object: ManagedObject): VimServerFault =>
  new VimServerFault('NoPermission', 'Permission to perform this operation was denied.', {
    object,
    privilegeId: 'System.Read',
  });

/** What an object lies in, from near to far. */
function ancestorsOf(model: Model, { properties }: ServedObject): readonly ManagedObject[] {
  const parent = [properties['parent'], properties['parentVApp']].find(isReference);
  return parent === undefined ? [] : [parent, ...ancestorsOf(model, model.get(parent))];
}

/** @throws VimServerFault InvalidArgument */
export function referenceIn(args: VimObject, name: string): ManagedObject {
  const value = args[name];
  if (!isReference(value))
    throw new VimServerFault('InvalidArgument', `A specified parameter was not correct: ${name}`, {
      invalidProperty: name,
    });
  return value;
}

/** What a filter shows, or that its object is gone. */
function seen(model: Model, filter: VimObject): string {
  try {
    return writeExact([...collect(model, filter)]);
  } catch (fault) {
    if (fault instanceof VimServerFault) return fault.type;
    throw fault;
  }
}
