// The little of DER that certificates and key stores need: elements of tag, length and content, nested. Some programs write key stores in
// BER, where a length may be left open (0x80, up to two zeros) and a string be cut into parts; both are read.
import { concat } from '../bytes.ts';
import { PackageError } from '../errors.ts';

/** One DER element. `bytes` is all of it, `content` what is inside. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Tags that are used here. `context0` is the constructed [0]. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context3: 0xa3,
} as const;

function damaged(): PackageError {
  return new PackageError('CERTIFICATE_INVALID', 'A certificate or key is not valid DER');
}

/** Deeper ones only occur in attacks. */
const maxDepth = 24;

/** Where content ends: `next` is behind the two zeros that close an open length. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** Long lengths say in how many bytes they stand. */
function extentAt(bytes: Uint8Array, { at, depth }: { readonly at: number; readonly depth: number }): Extent {
  const first = bytes[at + 1];
  if (first === undefined || depth > maxDepth) throw damaged();
  if (first === 0x80) return openExtent(bytes, { at, depth });
  const count = first < 0x80 ? 0 : first - 0x80;
  const start = at + 2 + count;
  if (count > 4 || start > bytes.length) throw damaged();
  const length = count === 0 ? first : bytes.subarray(at + 2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  const end = start + length;
  if (end > bytes.length) throw damaged();
  return { start, end, next: end };
}

function openExtent(bytes: Uint8Array, { at, depth }: { readonly at: number; readonly depth: number }): Extent {
  let end = at + 2;
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end = extentAt(bytes, { at: end, depth: depth + 1 }).next;
  return { start: at + 2, end, next: end + 2 };
}

/**
 * The elements that follow one another in `bytes`.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { start, end, next } = extentAt(bytes, { at, depth: 0 });
    elements.push({ tag: bytes[at] ?? 0, content: bytes.subarray(start, end), bytes: bytes.subarray(at, next) });
    at = next;
  }
  return elements;
}

/**
 * The one element at the start of `bytes`, which has to have `tag`.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function readOne(bytes: Uint8Array, tag: number): DerElement {
  return expectTag(readDer(bytes)[0], tag);
}

/**
 * The element, when there is one with that tag.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function expectTag(element: DerElement | undefined, tag: number): DerElement {
  if (element === undefined || element.tag !== tag) throw damaged();
  return element;
}

/** The bytes of a string, which in BER may be in parts. @throws PackageError CERTIFICATE_INVALID */
export function octetsOf({ tag, content }: DerElement): Uint8Array {
  const isInParts = Math.floor(tag / 32) % 2 === 1;
  return isInParts ? concat(readDer(content).map((part) => expectTag(part, derTags.octetString).content)) : content;
}

/** An object identifier with dots, such as `2.5.29.15`. */
export function objectIdOf({ content }: DerElement): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte % 128);
    if (byte >= 128) continue;
    numbers.push(value);
    value = 0;
  }
  const first = numbers[0] ?? 0;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...numbers.slice(1)].join('.');
}

/** A whole number that is not negative and not large, such as a count of rounds. */
export function integerOf({ content }: DerElement): number {
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}
