// A tar header is one block of 512 bytes (POSIX.1-2001, pax):
//   name 100, mode 8, uid 8, gid 8, size 12, mtime 12, checksum 8, type 1, linkname 100,
//   magic 6 ("ustar\0", GNU: "ustar "), version 2, uname 32, gname 32, devmajor 8, devminor 8, prefix 155
import { PackageError } from './errors.ts';
import { refuseForeign } from './tar-foreign.ts';
import { decodeNumber } from './tar-number.ts';

/** Size of a tar block in bytes. */
export const blockSize = 512;

/** The largest size twelve octal digits less the terminator can hold is one less than this. */
export const octalLimit = 8 * 1024 ** 3;

/** One header block, decoded. `mtime` in seconds; `size` as it stands, so that nothing is lost before it is judged. */
export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly size: bigint;
  readonly mtime: number;
  readonly mode: number;
}

/** Records of a pax header by key. An empty value takes a global record back. */
export type PaxRecords = ReadonlyMap<string, string>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const anyText = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes up to the block boundary after `size` bytes. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** Whether a block is nothing but zeros: two of them end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * Text up to the first NUL.
 * @throws PackageError TAR_ENTRY_REFUSED when the bytes are not UTF-8
 */
export function decodeText(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0);
  try {
    return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
  } catch (cause) {
    throw new PackageError('TAR_ENTRY_REFUSED', 'A name in the archive is not UTF-8', { offset, cause });
  }
}

/** Some old writers summed signed bytes, so either sum is accepted. */
function checksumMatches(block: Uint8Array, offset: number): boolean {
  const stated = Number(decodeNumber(block.subarray(148, 156), offset));
  let unsigned = 8 * 32;
  let signed = 8 * 32;
  for (const [at, byte] of block.entries()) {
    if (at >= 148 && at < 156) continue;
    unsigned += byte;
    signed += byte >= 128 ? byte - 256 : byte;
  }
  return stated === unsigned || stated === signed;
}

/**
 * Decodes one header block that stands at `offset` of the archive.
 * @throws PackageError OVA_COMPRESSED, TAR_INVALID or TAR_CHECKSUM
 */
export function decodeHeader(block: Uint8Array, offset: number): TarHeader {
  if (offset === 0) refuseForeign(block);
  const stated = String.fromCharCode(...block.subarray(148, 156));
  const magic = String.fromCharCode(...block.subarray(257, 263));
  if (!/^[ 0-7\0]*$/.test(stated) || !checksumMatches(block, offset)) {
    // the first block may be anything; one that says `ustar` was a header once
    throw offset === 0 && !magic.startsWith('ustar')
      ? new PackageError('TAR_INVALID', 'This is not a tar archive', { offset })
      : new PackageError('TAR_CHECKSUM', `The tar header at ${offset} is damaged: its checksum is wrong`, { offset });
  }
  // GNU's own format keeps other things where POSIX has the prefix.
  const posix = magic === 'ustar\0';
  const prefix = posix ? decodeText(block.subarray(345, 500), offset) : '';
  const name = decodeText(block.subarray(0, 100), offset);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] ?? 0).replace('\0', '0'),
    size: decodeNumber(block.subarray(124, 136), offset),
    mtime: decodeMtime(block.subarray(136, 148)),
    mode: Number(decodeNumber(block.subarray(100, 108), offset)),
  };
}

/** Times before 1970 are legal and of no use to us, so they do not make an archive unreadable. */
function decodeMtime(field: Uint8Array): number {
  return Math.max(0, Number(decodeNumber(field, 0)));
}

/**
 * Decodes pax records: `LENGTH KEY=VALUE\n`, LENGTH counting all of it in bytes.
 * @throws PackageError TAR_INVALID
 */
export function decodePax(bytes: Uint8Array, offset: number): PaxRecords {
  const records = new Map<string, string>();
  const damaged = (cause?: unknown) => new PackageError('TAR_INVALID', 'A pax header is damaged', { offset, cause });
  for (let at = 0; at < bytes.length && bytes[at] !== 0; ) {
    const space = bytes.indexOf(32, at);
    const digits = space < 0 ? '' : String.fromCharCode(...bytes.subarray(at, Math.min(space, at + 12)));
    const length = /^[1-9][0-9]*$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = bytes.indexOf(61, space);
    if (length === 0 || end > bytes.length || bytes[end - 1] !== 10 || equals < 0 || equals >= end) throw damaged();
    try {
      const key = utf8.decode(bytes.subarray(space + 1, equals));
      // vendors' keys have a dot, and values of any bytes, such as extended attributes
      const decoder = key.includes('.') ? anyText : utf8;
      records.set(key, decoder.decode(bytes.subarray(equals + 1, end - 1)));
    } catch (cause) {
      throw damaged(cause);
    }
    at = end;
  }
  return records;
}
