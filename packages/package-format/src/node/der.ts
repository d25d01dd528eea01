// The little of DER that certificates and key stores need: elements of tag, length and content, nested.
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

/** Long lengths say in how many bytes they stand. Indefinite ones are BER, not DER. */
function readLength(bytes: Uint8Array, at: number): { readonly length: number; readonly next: number } {
  const first = bytes[at];
  if (first === undefined || first === 0x80) throw damaged();
  if (first < 0x80) return { length: first, next: at + 1 };
  const count = first - 0x80;
  if (count > 4 || at + 1 + count > bytes.length) throw damaged();
  const length = bytes.subarray(at + 1, at + 1 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return { length, next: at + 1 + count };
}

/**
 * The elements that follow one another in `bytes`.
 * @throws PackageError CERTIFICATE_INVALID
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const { length, next } = readLength(bytes, at + 1);
    const end = next + length;
    if (end > bytes.length) throw damaged();
    elements.push({ tag, content: bytes.subarray(next, end), bytes: bytes.subarray(at, end) });
    at = end;
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
