import type { ManagedObject, VimObject, VimValue } from '../../../src/vim/vim-value.ts';
import { managedObject } from '../../../src/vim/vim-value.ts';

/** A managed object of the server: what it is, and its properties, nested as vim25 nests them. */
export interface ServedObject {
  readonly ref: ManagedObject;
  readonly properties: Record<string, VimValue | undefined>;
  /** Paths of properties that the user may not see. */
  readonly hidden: Set<string>;
}

/** Every managed object there is. */
export interface Model {
  add(type: string, value: string, properties?: Record<string, VimValue | undefined>): ServedObject;
  /** @throws VimServerFault ManagedObjectNotFound */
  get(ref: ManagedObject): ServedObject;
  remove(ref: ManagedObject): void;
  all(): readonly ServedObject[];
  /** An identifier that was never given before. */
  nextId(prefix: string): string;
}

/** A fault that a method ends with. */
export class VimServerFault extends Error {
  readonly type: string;
  readonly detail: VimObject;
  constructor(type: string, message: string, detail: VimObject = {}) {
    super(message);
    this.type = type;
    this.detail = detail;
  }
}

/** A model without any object. */
export function createModel(): Model {
  const objects = new Map<string, ServedObject>();
  const keyOf = ({ type, value }: ManagedObject) => `${type}:${value}`;
  let last = 1_000;
  return {
    add(type, value, properties = {}) {
      const added = { ref: managedObject(type, value), properties, hidden: new Set<string>() };
      objects.set(keyOf(added.ref), added);
      return added;
    },
    get(ref) {
      const found = objects.get(keyOf(ref));
      if (found === undefined)
        throw new VimServerFault(
          'ManagedObjectNotFound',
          `The object '${ref.type}:${ref.value}' has already been deleted or has not been completely created`,
          { obj: ref },
        );
      return found;
    },
    remove: (ref) => void objects.delete(keyOf(ref)),
    all: () => [...objects.values()],
    nextId(prefix) {
      last += 1;
      return `${prefix}-${last}`;
    },
  };
}

const bases: ReadonlyMap<string, string> = new Map([
  ['ClusterComputeResource', 'ComputeResource'],
  ['DistributedVirtualPortgroup', 'Network'],
  ['OpaqueNetwork', 'Network'],
  ['StoragePod', 'Folder'],
  ['VirtualApp', 'ResourcePool'],
]);

/** Whether a type is another one or derives from it. */
export const isA = (type: string, wanted: string): boolean =>
  type === wanted || wanted === 'ManagedEntity' || bases.get(type) === wanted;

export const isObject = (value: VimValue | undefined): value is VimObject =>
  typeof value === 'object' && !Array.isArray(value);

export const isReference = (value: VimValue | undefined): value is ManagedObject =>
  isObject(value) && value['_typeName'] === 'ManagedObjectReference';

/** A property by its path: `summary.config.name`. */
export function propertyOf(properties: VimObject, path: string): VimValue | undefined {
  if (Object.hasOwn(properties, path)) return properties[path];
  return path.split('.').reduce<VimValue | undefined>((at, name) => (isObject(at) ? at[name] : undefined), properties);
}

/** A value as it stands in a place for any type. */
export function box(value: VimValue): VimValue {
  if (typeof value === 'string') return { _typeName: 'string', _value: value };
  if (typeof value === 'boolean') return { _typeName: 'boolean', _value: value };
  if (typeof value === 'bigint') return { _typeName: 'long', _value: value };
  if (typeof value === 'number') return { _typeName: Math.abs(value) < 2 ** 31 ? 'int' : 'long', _value: value };
  if (!isObject(value)) return { _typeName: `ArrayOf${itemType(value[0])}`, _value: value };
  return value;
}

function itemType(item: VimValue | undefined): string {
  if (typeof item === 'string') return 'String';
  if (typeof item === 'number') return 'Int';
  return isObject(item) ? String(item['_typeName']) : 'AnyType';
}

/** Sets fields of a property that is an object. */
export function change({ properties }: ServedObject, name: string, fields: VimObject): void {
  const before = properties[name];
  properties[name] = { ...(isObject(before) ? before : {}), ...fields };
}

/** The object with this identifier, of whatever type. */
export function sampleOf(model: Model, id: string): ServedObject {
  const found = model.all().find(({ ref }) => ref.value === id);
  if (found === undefined) throw new Error(`the model has no ${id}`);
  return found;
}
