import { findParams, type OvfParams, type Property } from '@ovfkit/domain';
import type { Pair } from '../arguments.ts';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import { suggestionsFor } from '../suggest.ts';

/** `[class.]key[.instance]` */
export function fullKey({ classId, id, instanceId }: Property): string {
  return [classId, id, instanceId].filter((part) => part !== undefined && part !== '').join('.');
}

/** The property of a full key, or of a bare one that only one property has. */
function findProperty(key: string, properties: readonly Property[]): Property {
  const exact = properties.find((property) => fullKey(property) === key);
  if (exact !== undefined) return exact;
  const [found, second] = properties.filter(({ id }) => id === key);
  if (found !== undefined && second === undefined) return found;
  if (found !== undefined)
    throw new CliError('usage', `The package has more than one property ${JSON.stringify(key)}`, {
      details: properties.filter(({ id }) => id === key).map(fullKey),
      hint: 'Give the full key with --prop.',
    });
  const keys = properties.map(fullKey);
  const bare = properties.map(({ id }) => id ?? '');
  const close = [...new Set([...suggestionsFor(key, bare), ...suggestionsFor(key, keys)])].slice(0, 3);
  throw new CliError('usage', `The package has no property ${JSON.stringify(key)} that can be set`, {
    details: keys.length === 0 ? ['it has none'] : [`it has: ${keys.join(', ')}`],
    hint: close.length > 0 ? `Did you mean ${close.join(' or ')}?` : 'ovfkit inspect lists the properties.',
  });
}

/** The properties with the values of `given`; a key that is unknown or not clear is noted. */
export function propertyParams(
  found: readonly OvfParams[],
  { given, notes }: { readonly given: readonly Pair[]; readonly notes: Notes },
): readonly OvfParams[] {
  const properties = findParams(found, 'PropertyParams')?.properties ?? [];
  const values = new Map<Property, string>();
  for (const { key, value } of given) {
    const property = notes.attempt('properties', () => findProperty(key, properties));
    if (property !== undefined) values.set(property, value);
  }
  if (properties.length === 0) return [];
  return [
    {
      type: 'PropertyParams',
      properties: properties.map((property) => {
        const value = values.get(property);
        return value === undefined ? property : { ...property, value };
      }),
    },
  ];
}
