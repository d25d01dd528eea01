import { SessionError } from '@ovfkit/domain';
import { elementsOf, textOf, type XmlElement } from '@ovfkit/package-format';
import { type ManagedObject, managedObject, type VimValue } from './vim-value.ts';
import { byName, typeNameOf, valueFromXml } from './vim-xml.ts';

/**
 * Reads one type of value from either wire. SOAP needs it, as XML tells neither a number from text nor a list of one from a single
 * value; for VI JSON it is the check at the edge. `at` names the place in messages.
 * @throws SessionError INTERNAL_SERVER_ERROR, each half, for what is something else
 */
export interface Shape<Value> {
  /** `elements` are all that stand for the value: none when it is absent, several for a list. */
  readonly fromXml: (elements: readonly XmlElement[], at: string) => Value;
  readonly fromJson: (value: unknown, at: string) => Value;
  /** In a place for any type a list is wrapped: `ArrayOfString`. */
  readonly isList?: true;
  /** Whether the value may be absent. */
  readonly isOptional?: true;
}

/** What a shape reads. */
export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;

/** An object by its fields, with the name of its type, which may be one derived from the declared one. */
export type ObjectOf<F extends Fields> = { readonly _typeName: string } & {
  readonly [Name in keyof F]: ValueOf<F[Name]>;
};

const unreadable = (at: string, wanted: string): SessionError =>
  new SessionError('INTERNAL_SERVER_ERROR', `The server's answer is not vim25's: ${at} is not ${wanted}.`);

/** What XML writes as the text of one element. */
function leaf<Value>({
  wanted,
  parse,
  check,
}: {
  readonly wanted: string;
  readonly parse: (content: string) => Value | undefined;
  readonly check: (value: unknown) => Value | undefined;
}): Shape<Value> {
  const insist = (value: Value | undefined, at: string): Value => {
    if (value === undefined) throw unreadable(at, wanted);
    return value;
  };
  return {
    fromXml: ([element], at) => insist(element === undefined ? undefined : parse(textOf(element)), at),
    fromJson: (value, at) => insist(check(value), at),
  };
}

/** Text, a name of an enumeration, or a time. */
export const text: Shape<string> = leaf({
  wanted: 'text',
  parse: (content) => content,
  check: (value) => (typeof value === 'string' ? value : undefined),
});

/** An `int` or a `long`. One beyond 2^53 is rounded: such numbers say that something is without limit. */
export const whole: Shape<number> = leaf({
  wanted: 'a whole number',
  parse: (content) => (/^\s*[-+]?\d+\s*$/.test(content) ? Number(content) : undefined),
  check(value) {
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'number' && Number.isInteger(value) ? value : undefined;
  },
});

/** A `boolean`. */
export const flag: Shape<boolean> = leaf({
  wanted: 'true or false',
  parse: (content) =>
    new Map([
      ['true', true],
      ['1', true],
      ['false', false],
      ['0', false],
    ]).get(content.trim()),
  check: (value) => (typeof value === 'boolean' ? value : undefined),
});

/** What names a managed object. */
export const reference: Shape<ManagedObject> = {
  fromXml([element], at) {
    const type = element?.attributes.find(({ name, namespace }) => name === 'type' && namespace === '')?.value;
    if (element === undefined || type === undefined) throw unreadable(at, 'a reference');
    return managedObject(type, textOf(element));
  },
  fromJson(value, at) {
    if (!isRecord(value) || typeof value['type'] !== 'string' || typeof value['value'] !== 'string')
      throw unreadable(at, 'a reference');
    return managedObject(value['type'], value['value']);
  },
};

/** Any value at all, kept so that it can be sent back as it came. Over SOAP its numbers are text, and a list of one is no list. */
export const anything: Shape<VimValue> = {
  fromXml([element], at) {
    if (element === undefined) throw unreadable(at, 'there');
    return valueFromXml(element);
  },
  fromJson(value, at) {
    if (value === undefined || value === null) throw unreadable(at, 'there');
    return value as VimValue; // JSON has no other values
  },
};

/** The result of a method that has none. */
export const nothing: Shape<void> = { fromXml: () => undefined, fromJson: () => undefined };

/** A value that may be absent. */
export const optional = <Value>(shape: Shape<Value>): Shape<Value | undefined> => ({
  ...shape,
  isOptional: true,
  fromXml: (elements, at) => (elements.length === 0 ? undefined : shape.fromXml(elements, at)),
  fromJson: (value, at) => (value === undefined || value === null ? undefined : shape.fromJson(value, at)),
});

/** Several values; none at all when absent. */
export const list = <Value>(item: Shape<Value>): Shape<readonly Value[]> => ({
  isList: true,
  isOptional: true,
  fromXml: (elements, at) => elements.map((each, index) => item.fromXml([each], `${at}[${index}]`)),
  fromJson(value, at) {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw unreadable(at, 'a list');
    return value.map((each: unknown, index) => item.fromJson(each, `${at}[${index}]`));
  },
});

/** A data object: of its fields those that are listed, under the name of its type, or `typeName` when the wire does not say. */
export function object<F extends Fields>(typeName: string, fields: F): Shape<ObjectOf<F>> {
  const names = Object.keys(fields);
  const assemble = (type: string, read: (shape: Shape<unknown>, name: string) => unknown): ObjectOf<F> =>
    Object.fromEntries([
      ['_typeName', type],
      ...names.flatMap((name) => {
        const shape = fields[name];
        return shape === undefined ? [] : [[name, read(shape, name)]];
      }),
    ]) as ObjectOf<F>; // the compiler forgets the names of entries
  return {
    fromXml([element], at) {
      if (element === undefined) throw unreadable(at, `a ${typeName}`);
      const children = byName(elementsOf(element));
      return assemble(typeNameOf(element) ?? typeName, (shape, name) =>
        shape.fromXml(children.get(name) ?? [], `${at}.${name}`),
      );
    },
    fromJson(value, at) {
      if (!isRecord(value)) throw unreadable(at, `a ${typeName}`);
      const type = value['_typeName'];
      return assemble(typeof type === 'string' ? type : typeName, (shape, name) =>
        shape.fromJson(Object.hasOwn(value, name) ? value[name] : undefined, `${at}.${name}`),
      );
    },
  };
}

/** A value in a place for any type, such as that of a property: without what wraps it there. */
export const boxed = <Value>(shape: Shape<Value>): Shape<Value> => ({
  fromXml: (elements, at) =>
    shape.fromXml(shape.isList && elements[0] !== undefined ? elementsOf(elements[0]) : elements, at),
  fromJson: (value, at) =>
    shape.fromJson(isRecord(value) && Object.hasOwn(value, '_value') ? value['_value'] : value, at),
});

/** The items of a list inside a value read as {@link anything}, where SOAP does not tell a list of one from a single value. */
export function itemsOf(value: VimValue | undefined): readonly VimValue[] {
  if (value === undefined) return [];
  return isListValue(value) ? value : [value];
}

const isListValue = (value: VimValue): value is readonly VimValue[] => Array.isArray(value);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
