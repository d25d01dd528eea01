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
    const view = (): VimValue[] =>
      model
        .all()
        .filter(({ ref }) => types.some((type) => isA(ref.type, type)))
        .filter((each) => ancestorsOf(model, each).some(({ value }) => value === container.value))
        .map(({ ref }) => ref);
    const { ref, properties } = model.add('ContainerView', model.nextId('view'), {});
    Object.defineProperty(properties, 'view', { get: view, enumerable: true }); // a view shows what there is now
    return ref;
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
  'PropertyCollector.RetrieveProperties': ({ args, model }) =>
    itemsOf(args['specSet']).flatMap((spec) => (isObject(spec) ? collect(model, spec) : [])),
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
    const { ref } = model.add('PropertyFilter', model.nextId('filter'));
    Object.assign(object.properties, { filter: args['spec'], filterRef: ref });
    return ref;
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
  const { filter, filterRef, told } = object.properties;
  const end = Date.now() + 1000 * Number(isObject(options) ? (options['maxWaitSeconds'] ?? 600) : 600);
  for (;;) {
    model.get(object.ref); // one that is destroyed is waited for no longer
    const objectSet = isObject(filter) ? seen(model, filter) : [];
    const now = writeExact([...objectSet]);
    if ((args['version'] ?? '') === '' || now !== told) {
      const version = String(Number(object.properties['version']) + 1);
      Object.assign(object.properties, { version, told: now });
      const filterSet = [{ _typeName: 'PropertyFilterUpdate', filter: filterRef, objectSet }];
      return { _typeName: 'UpdateSet', version, filterSet };
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
      const next = reached(model, { object, selections: selectionsOf(start), named: namedIn(start), seen: new Set() });
      return String(start['skip']) === 'true' ? next : [object, ...next];
    })
    .flatMap((object) => {
      const own = specs.filter(({ type }) => isA(object.ref.type, String(type)));
      const paths = own.flatMap(({ pathSet }) => itemsOf(pathSet).map(String));
      return own.length === 0 ? [] : [contentOf(object, paths)];
    });
}

const selectionsOf = ({ selectSet }: VimObject): readonly VimObject[] => itemsOf(selectSet).filter(isObject);

/** Selections by their names, for those that only name another. */
function namedIn(spec: VimObject): ReadonlyMap<string, VimObject> {
  const own = selectionsOf(spec);
  return new Map([
    ...own.flatMap((each) => [...namedIn(each)]),
    ...own.flatMap((each) => (each['path'] === undefined ? [] : [[String(each['name']), each] as const])),
  ]);
}

interface Reaching {
  readonly object: ServedObject;
  readonly selections: readonly VimObject[];
  readonly named: ReadonlyMap<string, VimObject>;
  readonly seen: Set<ServedObject>;
}

/** Every object that selections lead to, from one to the next. */
function reached(model: Model, { object, selections, named, seen }: Reaching): readonly ServedObject[] {
  return selections
    .map((each) => (each['path'] === undefined ? named.get(String(each['name'])) : each))
    .filter((each) => each !== undefined)
    .filter(({ type }) => isA(object.ref.type, String(type)))
    .flatMap((selection) => {
      const found = follow(model, object, String(selection['path'])).filter((each) => !seen.has(each));
      for (const each of found) seen.add(each);
      return found.flatMap((each) => [
        each,
        ...reached(model, { object: each, selections: selectionsOf(selection), named, seen }),
      ]);
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

/** What a filter shows, as updates that assign all of it; nothing once its object is gone. */
function seen(model: Model, filter: VimObject): readonly VimObject[] {
  try {
    return collect(model, filter).map(({ obj, propSet }) => ({
      _typeName: 'ObjectUpdate',
      kind: 'modify',
      obj,
      changeSet: itemsOf(propSet)
        .filter(isObject)
        .map(({ name, val }) => ({ _typeName: 'PropertyChange', name, op: 'assign', val })),
    }));
  } catch (fault) {
    if (fault instanceof VimServerFault) return [];
    throw fault;
  }
}
