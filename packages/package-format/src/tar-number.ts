// A number in a tar header is octal text, or where that is too short GNU's base-256: the uppermost bit of the field is
// set, what remains is a two's complement number, most significant byte first. Eleven octal digits end at 8 GiB.
import { PackageError } from './errors.ts';

/** The number in a field of the header at `offset`, exactly; 0 when the field is empty. */
export function decodeNumber(field: Uint8Array, offset: number): bigint {
  if ((field[0] ?? 0) >= 0x80) return decodeBase256(field);
  const text = String.fromCharCode(...field)
    .replaceAll('\0', ' ')
    .trim();
  if (text === '') return 0n;
  if (!/^[0-7]+$/.test(text))
    throw new PackageError('TAR_INVALID', 'A number in a tar header is not octal', { offset });
  return BigInt(`0o${text}`);
}

function decodeBase256(field: Uint8Array): bigint {
  const value = field.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(8 * field.length - 1, value);
}

/** `value`, not negative, in a field of `width` bytes: octal where it fits, else base-256. */
export function encodeNumber(value: bigint, width: number): Uint8Array {
  const octal = value.toString(8).padStart(width - 1, '0');
  if (octal.length < width) return new TextEncoder().encode(`${octal}\0`);
  const field = new Uint8Array(width);
  let rest = value;
  for (let place = width - 1; place > 0; place -= 1) {
    field[place] = Number(rest % 256n);
    rest /= 256n;
  }
  field[0] = 0x80;
  return field;
}

/**
 * A size that offsets can be reckoned with.
 * @throws PackageError TAR_INVALID for a negative one, TOO_LARGE for one beyond 2^53 - 1, with the number in the message
 */
export function addressable(
  size: bigint,
  { name, offset }: { readonly name: string; readonly offset: number },
): number {
  const place = { file: name, offset };
  if (size < 0n) throw new PackageError('TAR_INVALID', `${JSON.stringify(name)} has the negative size ${size}`, place);
  if (size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new PackageError(
      'TOO_LARGE',
      `${JSON.stringify(name)} has ${size} bytes; no more than ${Number.MAX_SAFE_INTEGER} can be addressed`,
      place,
    );
  return Number(size);
}
