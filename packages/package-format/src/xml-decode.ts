import { PackageError } from './errors.ts';

function decodeAs(bytes: Uint8Array, encoding: string, file: string | undefined): string {
  try {
    // the mark of UTF-8 is kept for writing; those of UTF-16 go with their encoding
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(bytes);
  } catch (cause) {
    throw new PackageError('ENCODING_INVALID', `The document is not ${encoding}, or that encoding is not known`, {
      file,
      cause,
    });
  }
}

/**
 * The text of a document. Marks decide, then zero bytes, then the declaration, unless the bytes show that it lies:
 * `falseEncoding` is then what it said.
 * @throws PackageError ENCODING_INVALID
 */
export function decodeDocument(
  bytes: Uint8Array,
  file: string | undefined,
): { text: string; falseEncoding?: string | undefined } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
    return { text: decodeAs(bytes, 'utf-16le', file) };
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c))
    return { text: decodeAs(bytes, 'utf-16be', file) };
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/
    .exec(head)?.[1]
    ?.toLowerCase();
  // single bytes under a declaration of utf-16 or ucs-2: what .NET writes from a string
  if (declared !== undefined && /^(?:utf-?16|ucs-?2|iso-10646)/.test(declared)) {
    return { text: decodeAs(bytes, 'utf-8', file), falseEncoding: declared };
  }
  return { text: decodeAs(bytes, first === 0xef ? 'utf-8' : (declared ?? 'utf-8'), file) };
}
