import { type ByteCursor, concat, createByteCursor, type RandomAccess } from './bytes.ts';
import { PackageError } from './errors.ts';
import { checkName, foldName } from './name.ts';
import { refuseForeign } from './tar-foreign.ts';
import {
  blockSize,
  decodeHeader,
  decodePax,
  decodeText,
  isZeroBlock,
  type PaxRecords,
  padding,
  type TarHeader,
} from './tar-header.ts';
import { addressable } from './tar-number.ts';

/** A file in an archive. Sizes and offsets in bytes, `mtime` in seconds since 1970. */
export interface TarMember {
  readonly name: string;
  readonly size: number;
  /** Of the first byte of the body in the archive. */
  readonly offset: number;
  readonly mtime?: number | undefined;
  readonly mode?: number | undefined;
}

/** A {@link TarMember} with its body, which is valid until the next member is asked for. */
export interface TarEntry extends TarMember {
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Names are kept to find duplicates, so their number has to have an end. */
const maxMembers = 65_536;
const maxExtensionSize = 1024 * 1024;
const maxTrailer = 1024 * 1024;

/** Where headers come from: a stream that can only go on, or a file that seeks. */
interface TarInput {
  position(): number;
  read(size: number): Promise<Uint8Array>;
  /** Forward only. Rejects with TRUNCATED past the end. */
  seek(offset: number): Promise<void>;
}

/** What extension headers said about the next member. */
interface Extensions {
  readonly global: PaxRecords;
  readonly local: PaxRecords;
  readonly longName?: string | undefined;
}

/** A header of a member with what stood before it; `offset` of the first byte behind it. */
interface Found {
  readonly header: TarHeader;
  readonly extensions: Extensions;
  readonly offset: number;
}

const noRecords: PaxRecords = new Map();

const refusals: ReadonlyMap<string, string> = new Map([
  ['1', 'a hard link'],
  ['2', 'a symbolic link'],
  ['3', 'a character device'],
  ['4', 'a block device'],
  ['6', 'a FIFO'],
  ['S', 'a sparse file'],
  ['M', 'a continuation from another volume'],
]);

function truncated(offset: number): PackageError {
  return new PackageError('TRUNCATED', `The archive ends in the middle, at ${offset}`, { offset });
}

async function readExactly(input: TarInput, size: number): Promise<Uint8Array> {
  const bytes = await input.read(size);
  if (bytes.length < size) throw truncated(input.position());
  return bytes;
}

async function readExtension(input: TarInput, header: TarHeader): Promise<Uint8Array> {
  const offset = input.position();
  if (header.size < 0n || header.size > maxExtensionSize)
    throw new PackageError('TOO_LARGE', `An extension header of the archive has ${header.size} bytes`, { offset });
  const size = Number(header.size);
  const bytes = await readExactly(input, size);
  // the input may hand out a view that its next read overwrites
  const kept = bytes.slice();
  await readExactly(input, padding(size));
  return kept;
}

async function applyExtension(
  input: TarInput,
  { header, extensions }: { header: TarHeader; extensions: Extensions },
): Promise<Extensions | undefined> {
  if (!['x', 'X', 'g', 'L', 'K', 'A', 'V'].includes(header.type)) return undefined;
  const offset = input.position();
  const bytes = await readExtension(input, header);
  if (header.type === 'g')
    return { ...extensions, global: new Map([...extensions.global, ...decodePax(bytes, offset)]) };
  if (header.type === 'L') return { ...extensions, longName: decodeText(bytes, offset) };
  // a long link name belongs to a link, which is refused by its own header; access rights and a volume's name say nothing of a file
  if (['K', 'A', 'V'].includes(header.type)) return extensions;
  return { ...extensions, local: new Map([...extensions.local, ...decodePax(bytes, offset)]) };
}

function paxValue({ local, global }: Extensions, key: string): string | undefined {
  const value = local.get(key) ?? global.get(key);
  return value === '' ? undefined : value;
}

/** A pax size counts before the one of the header, which may not have had room for it. */
function memberSize({ header, extensions, offset }: Found, name: string): number {
  const text = paxValue(extensions, 'size');
  if (text !== undefined && !/^[0-9]{1,30}$/.test(text)) {
    throw new PackageError('TAR_INVALID', `The pax size ${JSON.stringify(text)} is not usable`, { file: name, offset });
  }
  return addressable(text === undefined ? header.size : BigInt(text), { name, offset });
}

function memberName(header: TarHeader, extensions: Extensions): string {
  const name = paxValue(extensions, 'path') ?? extensions.longName ?? header.name;
  return name.replace(/^(?:\.\/+)+/, '');
}

/** undefined for a directory, which carries nothing. */
function toMember({ header, extensions, offset }: Found): TarMember | undefined {
  const name = memberName(header, extensions);
  // before anything searches in it
  if (name.length > 1024) checkName(name);
  const refused = refusals.get(header.type);
  if (refused !== undefined)
    throw new PackageError('TAR_ENTRY_REFUSED', `${JSON.stringify(name)} is ${refused}`, { file: name, offset });
  const isDirectory = header.type === '5' || name.endsWith('/');
  if (isDirectory) {
    // `./` names the top folder itself
    if (name !== '' && name !== '.') checkName(name.replace(/\/+$/, ''));
    return undefined;
  }
  if (header.type !== '0' && header.type !== '7') {
    throw new PackageError(
      'TAR_ENTRY_REFUSED',
      `${JSON.stringify(name)} is of the unknown type ${JSON.stringify(header.type)}`,
      { file: name, offset },
    );
  }
  if ([...extensions.local.keys(), ...extensions.global.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw new PackageError('TAR_ENTRY_REFUSED', `${JSON.stringify(name)} is a sparse file`, { file: name, offset });
  }
  const size = memberSize({ header, extensions, offset }, name);
  const paxTime = Number(paxValue(extensions, 'mtime') ?? Number.NaN);
  return {
    name: checkName(name),
    size,
    offset,
    mtime: Number.isFinite(paxTime) ? paxTime : header.mtime,
    mode: header.mode,
  };
}

/** The next header block, or undefined where the archive ends. */
async function readHeaderBlock(input: TarInput): Promise<Uint8Array | undefined> {
  const start = input.position();
  const block = await input.read(blockSize);
  // some writers leave the two closing blocks out; whole blocks up to here are a whole archive
  if (block.length === 0 && start > 0) return undefined;
  if (block.length < blockSize) {
    if (start === 0) refuseForeign(block);
    throw start === 0
      ? new PackageError('TAR_INVALID', 'This is not a tar archive: it is shorter than one block', { offset: 0 })
      : truncated(start);
  }
  if (!isZeroBlock(block)) return block;
  const second = await input.read(blockSize);
  if (second.length > 0 && !isZeroBlock(second)) {
    throw new PackageError('TAR_INVALID', 'One empty block stands in the middle of the archive', { offset: start });
  }
  return undefined;
}

async function* walk(input: TarInput): AsyncGenerator<TarMember, void, undefined> {
  const seen = new Set<string>();
  let extensions: Extensions = { global: noRecords, local: noRecords };
  for (let block = await readHeaderBlock(input); block !== undefined; block = await readHeaderBlock(input)) {
    const headerOffset = input.position() - blockSize;
    const header = decodeHeader(block, headerOffset);
    const extended = await applyExtension(input, { header, extensions });
    if (extended !== undefined) {
      extensions = extended;
      continue;
    }
    const offset = input.position();
    const member = toMember({ header, extensions, offset });
    extensions = { global: extensions.global, local: noRecords };
    const size = member?.size ?? 0;
    const end = addressable(BigInt(offset) + BigInt(size) + BigInt(padding(size)), { name: header.name, offset });
    if (member !== undefined) {
      remember(seen, member);
      yield member;
    }
    await input.seek(end);
  }
}

function remember(seen: Set<string>, { name, offset }: TarMember): void {
  const folded = foldName(name);
  if (seen.has(folded))
    throw new PackageError('TAR_DUPLICATE', `${JSON.stringify(name)} is in the archive twice`, { file: name, offset });
  if (seen.size === maxMembers)
    throw new PackageError('TOO_LARGE', `The archive has more than ${maxMembers} members`, { offset });
  seen.add(folded);
}

function streamingInput(cursor: ByteCursor): TarInput {
  return {
    position: cursor.position,
    read: cursor.read,
    async seek(offset) {
      const distance = offset - cursor.position();
      if ((await cursor.skip(distance)) < distance) throw truncated(cursor.position());
    },
  };
}

function seekingInput(source: RandomAccess): TarInput {
  let position = 0;
  return {
    position: () => position,
    async read(size) {
      const end = Math.min(position + size, source.size);
      const parts: Uint8Array[] = [];
      for await (const part of source.read({ start: position, end })) parts.push(part);
      const bytes = concat(parts);
      position += bytes.length;
      return bytes;
    },
    async seek(offset) {
      if (offset > source.size) throw truncated(source.size);
      position = offset;
    },
  };
}

async function* body(cursor: ByteCursor, member: TarMember): AsyncGenerator<Uint8Array, void, undefined> {
  if (cursor.position() !== member.offset) {
    throw new PackageError('RANGE_INVALID', `The body of ${member.name} was read too late or twice`, {
      file: member.name,
    });
  }
  yield* cursor.stream(member.size);
  if (cursor.position() < member.offset + member.size) throw truncated(cursor.position());
}

/**
 * Reads an archive as it comes: ustar, pax, GNU. A body must be read before the next member is asked for; one that is
 * not is skipped. Directories are left out. Takes `bytes` over and lets it go at the end.
 * @throws PackageError OVA_COMPRESSED, TAR_*, TRUNCATED, NAME_REFUSED, TOO_LARGE, always naming the member if it has a name
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, undefined> {
  const cursor = createByteCursor(bytes);
  try {
    for await (const member of walk(streamingInput(cursor))) yield { ...member, bytes: body(cursor, member) };
    // read what fills the last record, so that whoever sends it is not cut off
    await cursor.skip(maxTrailer);
  } finally {
    await cursor.close();
  }
}

/**
 * Lists an archive by reading its headers only; no body is read, whatever its size.
 * @throws PackageError as {@link readTar} does
 */
export async function indexTar(source: RandomAccess): Promise<readonly TarMember[]> {
  const members: TarMember[] = [];
  for await (const member of walk(seekingInput(source))) members.push(member);
  return members;
}
