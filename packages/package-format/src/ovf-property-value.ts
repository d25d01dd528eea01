import { type Qualifier, readQualifiers } from './ovf-qualifiers.ts';
import type { Property } from './ovf-types.ts';

interface Whole {
  readonly bits: number;
  readonly signed: boolean;
}

/** Bits of CIM's whole numbers; `int` is VMware's. */
const wholeTypes: ReadonlyMap<string, Whole> = new Map<string, Whole>([
  ...[8, 16, 32, 64].map((bits) => [`uint${bits}`, { bits, signed: false }] as const),
  ...[8, 16, 32, 64].map((bits) => [`sint${bits}`, { bits, signed: true }] as const),
  ['int', { bits: 32, signed: true }],
]);

type Problems = readonly string[];
type Check = (value: string) => Problems;

/** Empty for none. */
interface Bounds {
  readonly low: string;
  readonly high: string;
}

type Rules = Pick<Property, 'type' | 'qualifiers'> & Partial<Pick<Property, 'vendorQualifiers'>>;

/**
 * What is wrong with a value of a property by its type and qualifiers (DSP0243, section 9.5.1, and VMware's `ip`,
 * `int(0..9)`, `string(..8)`, `string["a","b"]`, `Ip("network")`), each as words to follow the property's name, such as
 * `is not a whole number`; empty when nothing is. An empty value means that none is set, and `${…}` stands for a value
 * that is not known yet.
 */
export function checkPropertyValue(property: Rules, value: string): readonly string[] {
  return createValueCheck(property)(value);
}

/** As {@link checkPropertyValue} for many values of one property, whose qualifiers may be long. */
export function createValueCheck(property: Rules): (value: string) => readonly string[] {
  const [, base = '', detail = ''] = /^([A-Za-z]+[0-9]*)(.*)$/s.exec(property.type.trim()) ?? [];
  const qualifiers = readQualifiers(property.qualifiers ?? '') ?? [];
  const lengths = boundsOf(qualifiers, 'Len');
  const checkDetail = createDetailCheck(base, detail);
  const checkQualifiers = createQualifierCheck(qualifiers);
  const checkVendor = createVendorCheck(property.vendorQualifiers ?? '');
  return (value) => {
    if (/\$\{[^}]+\}/.test(value)) return [];
    if (value === '') return lengthProblems(value, lengths);
    const byType = typeProblems(base.toLowerCase(), value);
    return [
      ...byType,
      ...checkDetail(value),
      ...lengthProblems(value, lengths),
      // a range means nothing for what is no number
      ...(byType.length > 0 ? [] : checkQualifiers(value)),
      ...checkVendor(value),
    ];
  };
}

function typeProblems(type: string, value: string): Problems {
  const whole = wholeTypes.get(type);
  if (whole !== undefined) return wholeProblems(whole, { type, value });
  if (type === 'boolean') return /^(?:true|false)$/i.test(value) ? [] : ['is neither true nor false'];
  if (type === 'real' || type === 'real32' || type === 'real64')
    return /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/i.test(value) ? [] : ['is not a number'];
  if (type === 'char16') return value.length === 1 ? [] : ['is not one character'];
  return type === 'ip' ? addressProblems(value) : [];
}

function wholeProblems(
  { bits, signed }: Whole,
  { type, value }: { readonly type: string; readonly value: string },
): Problems {
  // longer ones are out of every range, and slow to convert
  if (!/^[+-]?[0-9]{1,40}$/.test(value)) return ['is not a whole number'];
  const number = BigInt(value.replace(/^\+/, ''));
  const highest = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
  const lowest = signed ? -highest - 1n : 0n;
  return number < lowest || number > highest ? [`is outside of ${type}: ${lowest} to ${highest}`] : [];
}

const octet = '(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])';
const version4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

function addressProblems(value: string): Problems {
  const isVersion6 = /^[0-9a-f:.]+(?:%.+)?$/i.test(value) && value.includes(':');
  return version4.test(value) || isVersion6 ? [] : ['is not an IP address'];
}

function createDetailCheck(base: string, detail: string): Check {
  const [, low, high] = /^\(\s*([+-]?[0-9]*)\s*\.\.\s*([+-]?[0-9]*)\s*\)$/.exec(detail) ?? [];
  if (low !== undefined && high !== undefined) {
    const isText = /^(?:string|password)$/i.test(base);
    return (value) => (isText ? lengthProblems(value, { low, high }) : rangeProblems(value, { low, high }));
  }
  const listed = /^\[(.*)\]$/s.exec(detail)?.[1];
  // the list has the form of a ValueMap's
  const values = listed === undefined ? undefined : readQualifiers(`ValueMap{${listed}}`)?.[0]?.values;
  return createListCheck(values);
}

function boundsOf(qualifiers: readonly Qualifier[], what: 'Len' | 'Value'): Bounds {
  const numberOf = (name: string) => {
    const text = qualifiers.find((each) => each.name.toLowerCase() === name)?.values[0] ?? '';
    return /^[+-]?[0-9.]+$/.test(text) ? text : '';
  };
  return { low: numberOf(`min${what}`.toLowerCase()), high: numberOf(`max${what}`.toLowerCase()) };
}

function createQualifierCheck(qualifiers: readonly Qualifier[]): Check {
  const bounds = boundsOf(qualifiers, 'Value');
  const checkList = createListCheck(qualifiers.find(({ name }) => name.toLowerCase() === 'valuemap')?.values);
  return (value) => [...rangeProblems(value, bounds), ...checkList(value)];
}

/** VMware's qualifiers that ask for addresses: `Dns` for several, separated by commas. */
function createVendorCheck(text: string): Check {
  const names = (readQualifiers(text) ?? []).map(({ name }) => name.toLowerCase());
  if (names.some((name) => ['ip', 'netmask', 'gateway'].includes(name))) return addressProblems;
  if (!names.includes('dns')) return () => [];
  return (value) => {
    const addresses = value.split(/[\s,]+/).filter((each) => each !== '');
    return addresses.some((each) => addressProblems(each).length > 0) ? ['is not a list of IP addresses'] : [];
  };
}

function lengthProblems(value: string, { low, high }: Bounds): Problems {
  if (low !== '' && value.length < Number(low)) return [`is shorter than ${low} characters`];
  return high !== '' && value.length > Number(high) ? [`is longer than ${high} characters`] : [];
}

/** Whole numbers of 64 bits are compared as such: a double would take neighbours for equal. */
function isLess(a: string, b: string): boolean {
  const isWhole = [a, b].every((text) => /^[+-]?[0-9]{1,40}$/.test(text));
  if (!isWhole) return Number(a) < Number(b);
  return BigInt(a.replace(/^\+/, '')) < BigInt(b.replace(/^\+/, ''));
}

function rangeProblems(value: string, { low, high }: Bounds): Problems {
  if (low !== '' && isLess(value, low)) return [`is less than ${low}`];
  return high !== '' && isLess(high, value) ? [`is more than ${high}`] : [];
}

/** More would not be read by anyone. */
const maxListed = 20;

function createListCheck(values: readonly string[] | undefined): Check {
  if (values === undefined) return () => [];
  const known = new Set(values);
  const more = values.length > maxListed ? ` and ${values.length - maxListed} more` : '';
  const problem = `is not one of ${values.slice(0, maxListed).join(', ')}${more}`;
  return (value) => (known.has(value) ? [] : [problem]);
}
