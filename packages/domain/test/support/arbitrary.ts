import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';
// The notes are no part of the package's face; they say which lists are maps and which unions are dynamic.
import { dynamicSchemas, mapSchemas, structureNotes } from '../../src/structure.ts';
import { toSnakeCase } from '../../src/wire/names.ts';

interface Options {
  /** Off where the wire has no place for fields that the schema does not know: in queries. */
  readonly unknownFields: 'some' | 'none';
  /** Levels that may still be nested; below them lists are empty and optional fields absent. */
  readonly depth: number;
}

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '__proto__', 'toString', '@class', '0'),
);
const positive = (value: number) => (Object.is(value, -0) ? 0 : value);
const json = fc
  .jsonValue({ depthSize: 'small' })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => value !== null); // null counts as absent

/**
 * Values that fit a schema of the contract, unknown enumeration values, fields and structures included.
 * Made from the schema alone, so a new field is tested without a new line here.
 */
export function arbitraryOf(
  schema: z.core.$ZodType,
  options: Options = { unknownFields: 'some', depth: 5 },
): Arbitrary<unknown> {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional || schema instanceof z.ZodReadonly)
    return arbitraryOf(schema.def.innerType, options);
  const members = dynamicSchemas.get(schema);
  if (members) return fc.oneof(...members.map((each) => arbitraryOf(each, options)), unknownStructure(members));
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map((each) => arbitraryOf(each, options)));
  if (schema instanceof z.ZodObject) return structureArbitrary(schema, options);
  if (schema instanceof z.ZodArray) return listArbitrary(schema, options);
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodLiteral) return fc.constant(schema.value);
  if (schema instanceof z.ZodString) return text;
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber)
    return schema.isInt ? fc.maxSafeInteger() : fc.double({ noNaN: true, noDefaultInfinity: true }).map(positive);
  if (schema instanceof z.ZodUnknown) return json;
  if (schema instanceof z.ZodLazy) return arbitraryOf(schema.def.getter(), options);
  throw new Error(`No values are known for ${schema._zod.def.type}.`);
}

function listArbitrary(schema: z.ZodArray, options: Options): Arbitrary<unknown> {
  if (options.depth <= 0) return fc.constant([]);
  const deeper = { ...options, depth: options.depth - 1 };
  if (!mapSchemas.has(schema) || !(schema.element instanceof z.ZodObject))
    return fc.array(arbitraryOf(schema.element, deeper), {
      maxLength: 3,
      minLength: options.unknownFields === 'none' ? 1 : 0, // an empty list and none are the same query
    });
  return fc
    .dictionary(text, arbitraryOf(schema.element.shape['value'], deeper), { maxKeys: 3 })
    .map((map) => Object.entries(map).map(([key, value]) => ({ key, value }))); // a map's order has no meaning
}

function structureArbitrary(schema: z.ZodObject, options: Options): Arbitrary<unknown> {
  const deeper = { ...options, depth: options.depth - 1 };
  const fields = Object.entries(schema.shape).filter(
    ([, type]) => options.depth > 0 || !(type instanceof z.ZodExactOptional),
  );
  const known = fc.record(Object.fromEntries(fields.map(([field, type]) => [field, arbitraryOf(type, deeper)])), {
    requiredKeys: fields.filter(([, type]) => !(type instanceof z.ZodExactOptional)).map(([field]) => field),
  });
  if (schema.def.catchall === undefined || options.unknownFields === 'none') return plain(known);
  const taken = spellings(schema);
  const unknown = fc.dictionary(
    fc
      .oneof({ weight: 3, arbitrary: text }, fc.constantFrom('new_field', 'newField', 'valueOf'))
      .filter((name) => !taken.has(name)),
    json,
    { maxKeys: 2 },
  );
  return plain(fc.tuple(fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, unknown), known).map(merge));
}

const merge = ([some, more]: readonly [object, object]): object =>
  Object.fromEntries([...Object.entries(some), ...Object.entries(more)]);

/** fast-check makes objects without a prototype as well; the wire's have one. */
const plain = (values: Arbitrary<object>): Arbitrary<object> =>
  values.map((value) => Object.fromEntries(Object.entries(value)));

/** Every way a field of the structure is spelled here or on the wire: an unknown field is called otherwise. */
function spellings(schema: z.ZodObject): ReadonlySet<string> {
  const names = structureNotes.get(schema)?.wireNames ?? {};
  const known = Object.keys(schema.shape).flatMap((field) => [
    field,
    toSnakeCase(field),
    ...Object.values(names[field] ?? {}),
  ]);
  return new Set([...known, '@class', '__proto__']); // a field of that name is dropped, see codec.test.ts
}

/** A parameter structure that no schema describes: its own class, or only a type, or neither. */
function unknownStructure(members: readonly z.core.$ZodType[]): Arbitrary<object> {
  const types = members.flatMap((each) => (each instanceof z.ZodObject ? [each.shape['type']] : []));
  const known = new Set(types.flatMap((type) => (type instanceof z.ZodLiteral ? [String(type.value)] : [])));
  const head = fc.record(
    { '@class': fc.constant('com.example.newer_params'), type: text.filter((type) => !known.has(type)) },
    { requiredKeys: [] },
  );
  const fields = fc.dictionary(fc.constantFrom('new_field', 'newField', 'properties', 'toString'), json, {
    maxKeys: 3,
  });
  return plain(fc.tuple(fields, head).map(merge));
}
