import fc, { type Arbitrary } from 'fast-check';

/** A JSON Schema as a parsed document has it. */
export type Schema = { readonly [keyword: string]: unknown };

interface Options {
  /** Of the document: what `$ref` leads to. */
  readonly components: Schema;
  /** Texts that exist, by the name of the field that had them: so that more than the door is tried. */
  readonly texts: KnownTexts;
  /** Name of the field that the value is for. */
  readonly field?: string;
  /** Levels that may still be nested. */
  readonly depth?: number;
}

/** Texts by the name of a field. */
export type KnownTexts = ReadonlyMap<string, readonly string[]>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const asSchema = (value: unknown): Schema => (isSchema(value) ? value : {});
const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const hostile = [
  '',
  '.',
  '..',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '__proto__',
  'constructor',
  'x'.repeat(5_000),
  'https://127.0.0.1:1/x.ovf',
  'ftp://example.com/x.ovf',
  '<Envelope/>',
  '9223372036854775807',
  '\ud800',
];

/** Texts for a field: those that exist under its name, hostile ones, and any. */
export function anyText(texts: KnownTexts, field = ''): Arbitrary<string> {
  const known = texts.get(field) ?? [];
  return fc.oneof(
    ...(known.length === 0 ? [] : [{ weight: 12, arbitrary: fc.constantFrom(...known) }]),
    { weight: 1, arbitrary: fc.constantFrom(...hostile) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );
}

/** Values for a schema: most fit, some are of any other type, and optional fields come and go. */
export function valuesOf(schema: Schema, options: Options): Arbitrary<unknown> {
  const { depth = 6 } = options;
  if (depth === 0) return fc.constantFrom<unknown>(null, [], {}, '');
  return fc.oneof({ weight: 40, arbitrary: fitting(schema, { ...options, depth: depth - 1 }) }, fc.jsonValue());
}

function fitting(schema: Schema, options: Options): Arbitrary<unknown> {
  const reference = schema['$ref'];
  if (typeof reference === 'string')
    return fitting(asSchema(options.components[reference.slice(reference.lastIndexOf('/') + 1)]), options);
  const choices = asList(schema['anyOf']).filter(isSchema);
  // an enumeration that may grow is one or any text
  if (choices.length > 0)
    return fc.oneof(
      ...choices.map((each) => ({ weight: 'enum' in each ? 12 : 1, arbitrary: valuesOf(each, options) })),
    );
  if ('const' in schema) return fc.constant(schema['const']);
  const names = asList(schema['enum']);
  if (names.length > 0) return fc.constantFrom(...names);
  switch (schema['type']) {
    case 'object':
      return objects(schema, options);
    case 'array':
      return fc.array(valuesOf(asSchema(schema['items']), options), { maxLength: 4 });
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constantFrom(-1, 0, 101, 2 ** 53, 1e300));
    case 'number':
      return fc.double();
    case 'string':
      return anyText(options.texts, options.field);
    default:
      return fc.jsonValue();
  }
}

function objects(schema: Schema, options: Options): Arbitrary<unknown> {
  const values = schema['additionalProperties'];
  if (isSchema(values)) return fc.dictionary(anyText(options.texts, 'key'), valuesOf(values, options), { maxKeys: 3 });
  const fields = Object.entries(asSchema(schema['properties'])).map(([name, each]): [string, Arbitrary<unknown>] => [
    name,
    valuesOf(asSchema(each), { ...options, field: name }),
  ]);
  const required = asList(schema['required']).map(String);
  const whole = fc.record(Object.fromEntries(fields), { requiredKeys: required });
  return fc.oneof({ weight: 12, arbitrary: whole }, fc.record(Object.fromEntries(fields), { requiredKeys: [] }));
}
