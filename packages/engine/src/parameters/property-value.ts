import type { Property } from '@ovfkit/package-format';

/** Bits of CIM's whole numbers; `int` is VMware's. */
const wholeTypes: ReadonlyMap<string, Whole> = new Map<string, Whole>([
  ...[8, 16, 32, 64].map((bits) => [`uint${bits}`, { bits, signed: false }] as const),
  ...[8, 16, 32, 64].map((bits) => [`sint${bits}`, { bits, signed: true }] as const),
  ['int', { bits: 32, signed: true }],
]);

interface Whole {
  readonly bits: number;
  readonly signed: boolean;
}

/**
 * What is wrong with a value of a property by its type and qualifiers (DSP0243, section 9.5.1, and VMware's `ip`,
 * `int(0..9)`, `string(..8)`, `string["a","b"]`); nothing when it is right.
 */
export function propertyValueProblem(
  property: Pick<Property, 'type' | 'qualifiers'>,
  value: string,
): string | undefined {
  const [, base = '', detail = ''] = /^([A-Za-z]+[0-9]*)(.*)$/s.exec(property.type.trim()) ?? [];
  // an empty value means that none is set
  const isSet = value !== '';
  const byType = isSet ? typeProblem(base.toLowerCase(), value) : undefined;
  return byType ?? (isSet ? detailProblem(base, { detail, value }) : undefined) ?? qualifierProblem(property, value);
}

function typeProblem(type: string, value: string): string | undefined {
  const whole = wholeTypes.get(type);
  if (whole !== undefined) return wholeProblem(whole, { type, value });
  if (type === 'boolean') return /^(?:true|false)$/i.test(value) ? undefined : 'is neither true nor false';
  if (type === 'real32' || type === 'real64')
    return /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(value) ? undefined : 'is not a number';
  if (type === 'char16') return value.length === 1 ? undefined : 'is not one character';
  return type === 'ip' ? addressProblem(value) : undefined;
}

function wholeProblem(
  { bits, signed }: Whole,
  { type, value }: { readonly type: string; readonly value: string },
): string | undefined {
  if (!/^[+-]?[0-9]+$/.test(value)) return 'is not a whole number';
  const number = BigInt(value.replace(/^\+/, ''));
  const highest = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const lowest = signed ? -highest - 1n : 0n;
  return number < lowest || number > highest ? `is outside of ${type}: ${lowest} to ${highest}` : undefined;
}

const octet = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const version4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

function addressProblem(value: string): string | undefined {
  const isVersion6 = /^[0-9a-f:.]+(?:%.+)?$/i.test(value) && value.includes(':');
  return version4.test(value) || isVersion6 ? undefined : 'is not an IP address';
}

function detailProblem(
  base: string,
  { detail, value }: { readonly detail: string; readonly value: string },
): string | undefined {
  const [, low, high] = /^\(\s*([+-]?[0-9]*)\s*\.\.\s*([+-]?[0-9]*)\s*\)$/.exec(detail) ?? [];
  if (low !== undefined && high !== undefined) {
    const isText = /^(?:string|password)$/i.test(base);
    return isText ? lengthProblem(value, { low, high }) : rangeProblem(value, { low, high });
  }
  const listed = /^\[(.*)\]$/s.exec(detail)?.[1];
  return listed === undefined ? undefined : listProblem(listed, value);
}

function qualifierProblem({ qualifiers = '' }: Pick<Property, 'qualifiers'>, value: string): string | undefined {
  const numberOf = (name: string) =>
    new RegExp(`\\b${name}\\s*\\(\\s*([+-]?[0-9]+)\\s*\\)`, 'i').exec(qualifiers)?.[1] ?? '';
  const listed = /\bValueMap\s*[{(](.*?)[})](?=\s*(?:,|\s|$))/is.exec(qualifiers)?.[1];
  return (
    lengthProblem(value, { low: numberOf('MinLen'), high: numberOf('MaxLen') }) ??
    (value === '' ? undefined : rangeProblem(value, { low: numberOf('MinValue'), high: numberOf('MaxValue') })) ??
    (listed === undefined || value === '' ? undefined : listProblem(listed, value))
  );
}

interface Bounds {
  /** Empty for none. */
  readonly low: string;
  readonly high: string;
}

function lengthProblem(value: string, { low, high }: Bounds): string | undefined {
  if (low !== '' && value.length < Number(low)) return `is shorter than ${low} characters`;
  return high !== '' && value.length > Number(high) ? `is longer than ${high} characters` : undefined;
}

function rangeProblem(value: string, { low, high }: Bounds): string | undefined {
  const number = Number(value);
  if (low !== '' && number < Number(low)) return `is less than ${low}`;
  return high !== '' && number > Number(high) ? `is more than ${high}` : undefined;
}

function listProblem(listed: string, value: string): string | undefined {
  const quoted = [...listed.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
  const values = quoted.length > 0 ? quoted : listed.split(',').map((each) => each.trim());
  return values.includes(value) ? undefined : `is not one of ${values.join(', ')}`;
}
