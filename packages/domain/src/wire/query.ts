import { z } from 'zod';
import { SessionError } from '../errors.ts';
import { toSnakeCase } from './names.ts';

/** `{ names: ['a', 'b'] }` as `filter.names.1=a&filter.names.2=b` (lists of `/rest`) or `names=a&names=b`. */
export function writeQuery(wire: unknown, style: 'filter' | 'plain'): readonly string[] {
  return Object.entries(Object(wire)).flatMap(([name, value]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    return values.map((each, index) => {
      const key = style === 'filter' ? `filter.${name}${Array.isArray(value) ? `.${index + 1}` : ''}` : name;
      return `${encodeURIComponent(key)}=${encodeURIComponent(String(each))}`;
    });
  });
}

/**
 * The wire form of an input that came as a query; every spelling of `writeQuery` is read in either dialect.
 * @throws SessionError UNEXPECTED_INPUT for a field that the schema does not have: a filter that is passed over would
 *   give what was not asked for
 */
export function readQuery(query: URLSearchParams, schema: z.ZodObject): { readonly [name: string]: unknown } {
  const values = new Map<string, string[]>();
  for (const [key, value] of query) {
    const name = key.replace(/^filter\./, '').replace(/\.\d+$/, '');
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const known = new Set(['action', '~action', ...Object.keys(schema.shape).map(toSnakeCase)]);
  const unknown = [...values.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new SessionError('UNEXPECTED_INPUT', `There is no parameter ${unknown.join(', ')} of this operation.`);
  const fields = Object.entries(schema.shape).flatMap(([field, type]) => {
    const given = values.get(toSnakeCase(field));
    return given === undefined ? [] : [[toSnakeCase(field), readValue(type, given)]];
  });
  return Object.fromEntries(fields);
}

function readValue(type: z.core.$ZodType, given: readonly string[]): unknown {
  const inner = type instanceof z.ZodExactOptional ? type.def.innerType : type;
  if (inner instanceof z.ZodArray) return given;
  const last = given.at(-1);
  if (inner instanceof z.ZodBoolean) return last === 'true' ? true : last === 'false' ? false : last;
  return last;
}
