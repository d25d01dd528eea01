import { type Qualifier, readQualifiers } from '@ovfkit/package-format';

interface TypedProperty {
  readonly type: string;
  readonly password: boolean;
  readonly qualifiers: string | null;
  readonly vendorQualifiers: string | null;
}

const asWritten = ({ name, values }: Qualifier): string =>
  values.length === 0 ? name : `${name}(${values.join(', ')})`;

/** `1..63`, open where nothing is said. */
function range(all: readonly Qualifier[], names: readonly [string, string]): string | undefined {
  const [from, to] = names.map((name) => all.find((each) => each.name === name)?.values[0]);
  return from === undefined && to === undefined ? undefined : `${from ?? ''}..${to ?? ''}`;
}

/** The type of a property and what its values have to keep to: `string, 1..63 characters`, `string, small | large`. */
export function propertyType({ type, password, qualifiers, vendorQualifiers }: TypedProperty): string {
  const text = [qualifiers, vendorQualifiers].filter((each) => each !== null).join(' ');
  const all = readQualifiers(text);
  const base = password && type !== 'password' ? `${type}, password` : type;
  if (all === undefined) return `${base}, ${text}`;
  const lengths = range(all, ['MinLen', 'MaxLen']);
  const known = new Set(['MinLen', 'MaxLen', 'MinValue', 'MaxValue', 'ValueMap']);
  return [
    base,
    lengths === undefined ? undefined : `${lengths} characters`,
    range(all, ['MinValue', 'MaxValue']),
    all.find(({ name }) => name === 'ValueMap')?.values.join(' | '),
    ...all.filter(({ name }) => !known.has(name)).map(asWritten),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}
