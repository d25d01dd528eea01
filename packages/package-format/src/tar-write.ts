import { exactly } from './bytes.ts';
import { PackageError } from './errors.ts';
import { checkName, foldName } from './name.ts';
import { blockSize, octalLimit, padding } from './tar-header.ts';
import { addressable, encodeNumber } from './tar-number.ts';
import type { TarMember } from './tar-read.ts';

/** What {@link writeTar} needs to know of a member. `size` in bytes, `mtime` in seconds since 1970. */
export interface TarInputEntry {
  readonly name: string;
  readonly size: number;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** The first of January 1980 when absent, so that the same entries always give the same archive. */
  readonly mtime?: number | undefined;
}

type NameAndSize = Pick<TarInputEntry, 'name' | 'size' | 'mtime'>;

const defaultMtime = 315_532_800;
const encoder = new TextEncoder();
const zeros = new Uint8Array(2 * blockSize);

function isAscii(text: string): boolean {
  return encoder.encode(text).length === text.length;
}

/** ustar splits a long name at a slash: 155 bytes before it, 100 after it. */
function splitName(name: string): { readonly prefix: string; readonly name: string } | undefined {
  if (!isAscii(name)) return undefined;
  if (name.length <= 100) return { prefix: '', name };
  const slash = name.lastIndexOf('/', 155);
  if (slash <= 0 || name.length - slash - 1 > 100) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

/** The length counts itself, so it is tried until it fits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = ` ${key}=${value}\n`;
  const restSize = encoder.encode(rest).length;
  let size = restSize;
  while (String(size).length + restSize !== size) size = String(size).length + restSize;
  return encoder.encode(`${size}${rest}`);
}

function paxRecords({ name, size }: NameAndSize): Uint8Array {
  const records: Uint8Array[] = [];
  if (splitName(name) === undefined) records.push(paxRecord('path', name));
  if (size >= octalLimit) records.push(paxRecord('size', String(size)));
  return Uint8Array.from(records.flatMap((record) => [...record]));
}

function putNumber(block: Uint8Array, { at, width, value }: { at: number; width: number; value: number }): void {
  block.set(encodeNumber(BigInt(value), width), at);
}

function encodeHeader({ name, size, mtime }: NameAndSize, type: string): Uint8Array {
  const block = new Uint8Array(blockSize);
  const split = splitName(name) ?? { prefix: '', name: name.replaceAll(/[^\x20-\x7e]/g, '_').slice(-100) };
  block.set(encoder.encode(split.name), 0);
  putNumber(block, { at: 100, width: 8, value: 0o644 });
  putNumber(block, { at: 108, width: 8, value: 0 });
  putNumber(block, { at: 116, width: 8, value: 0 });
  putNumber(block, { at: 124, width: 12, value: size });
  putNumber(block, { at: 136, width: 12, value: Math.max(0, Math.floor(mtime ?? defaultMtime)) });
  block.set(encoder.encode('        '), 148);
  block.set(encoder.encode(`${type}`), 156);
  block.set(encoder.encode('ustar\x0000'), 257);
  putNumber(block, { at: 329, width: 8, value: 0 });
  putNumber(block, { at: 337, width: 8, value: 0 });
  block.set(encoder.encode(split.prefix), 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return block;
}

function checkEntry({ name, size }: NameAndSize): void {
  checkName(name);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new PackageError('VALUE_INVALID', `The size ${size} of ${name} is not usable`, { file: name });
  }
}

/** All blocks that come before the body. */
function encodeHeaders(entry: NameAndSize): Uint8Array {
  const records = paxRecords(entry);
  if (records.length === 0) return encodeHeader(entry, '0');
  const extension = encodeHeader({ name: 'PaxHeaders/member', size: records.length, mtime: entry.mtime }, 'x');
  const all = new Uint8Array(2 * blockSize + records.length + padding(records.length));
  all.set(extension, 0);
  all.set(records, blockSize);
  all.set(encodeHeader(entry, '0'), all.length - blockSize);
  return all;
}

/**
 * Writes an archive in the order given: ustar, with pax headers for names and sizes that need them.
 * @throws PackageError SIZE_MISMATCH when a body is not as long as its `size`, NAME_REFUSED, TAR_DUPLICATE
 */
export async function* writeTar(
  entries: Iterable<TarInputEntry> | AsyncIterable<TarInputEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const seen = new Set<string>();
  for await (const entry of entries) {
    checkEntry(entry);
    if (seen.has(foldName(entry.name)))
      throw new PackageError('TAR_DUPLICATE', `${entry.name} would be in the archive twice`, { file: entry.name });
    seen.add(foldName(entry.name));
    yield encodeHeaders(entry);
    yield* exactly(entry.bytes, { size: entry.size, file: entry.name });
    const gap = padding(entry.size);
    if (gap > 0) yield zeros.slice(0, gap);
  }
  yield zeros.slice();
}

/** Where {@link writeTar} puts each body, and the size of the whole archive, both in bytes. */
export interface TarLayout {
  readonly members: readonly TarMember[];
  readonly size: number;
}

/**
 * The layout of the archive that {@link writeTar} gives for these entries.
 * @throws PackageError NAME_REFUSED, VALUE_INVALID, TOO_LARGE when an offset would be beyond 2^53 - 1
 */
export function tarLayout(entries: readonly NameAndSize[]): TarLayout {
  const members: TarMember[] = [];
  let at = 0;
  for (const entry of entries) {
    checkEntry(entry);
    at += encodeHeaders(entry).length;
    members.push({ name: entry.name, size: entry.size, offset: at });
    at = addressable(BigInt(at) + BigInt(entry.size) + BigInt(padding(entry.size)), { name: entry.name, offset: at });
  }
  return { members, size: at + zeros.length };
}

/** Exact size in bytes of what {@link writeTar} gives, for a Content-Length. */
export function tarSize(entries: readonly NameAndSize[]): number {
  return tarLayout(entries).size;
}
