// The files of a package in the form they get: as they are, compressed or plain, whole or in pieces.
import { type ByteCursor, createByteCursor } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import type { ManifestEntry } from '../manifest.ts';
import type { DescriptorEdit } from '../ovf-edit.ts';
import type { FileReference } from '../ovf-types.ts';
import { namesOfHref, type PackageMember, pieceName, piecesOf } from '../package-read.ts';
import { openFile } from './file.ts';
import { gzipped } from './gzip.ts';
import { type OutputFiles, writeFile } from './output-files.ts';
import type { PackageSource } from './package-source.ts';
import { decompressed } from './unwrap.ts';

/** How files are stored in the new package. */
export interface PackageStorage {
  /** `keep` leaves files as they are, `gzip` compresses them, `plain` undoes compression and pieces; `keep` when absent. */
  readonly compression?: 'keep' | 'gzip' | 'plain' | undefined;
  /** Files larger than this many bytes are cut into pieces (`ovf:chunkSize`); as they are when absent. */
  readonly chunkSize?: number | undefined;
}

/** How far a file is; `size` is absent while nobody knows it. All in bytes. */
export interface PackageProgress {
  readonly file: string;
  /** `prepare`: a file is compressed or learned the size of, before it is written. */
  readonly phase: 'prepare' | 'write';
  readonly done: number;
  readonly size?: number | undefined;
}

/** Whoever waits for the writing of a package. */
export interface PackageWatch {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PackageProgress) => void) | undefined;
}

/** A member of the new package. `read` may be called once, in the order of the members. */
export interface PlannedMember {
  readonly name: string;
  readonly size: number;
  /** What the manifest of the source says of these very bytes. */
  readonly stated: readonly ManifestEntry[];
  read(): AsyncIterable<Uint8Array>;
}

/** A file of the descriptor in its new form, and what the descriptor has to say about it. */
export interface PackagePart {
  readonly members: readonly PlannedMember[];
  readonly change?: Omit<Extract<DescriptorEdit, { type: 'setFile' }>, 'type' | 'id'> | undefined;
}

/** Where files wait until their size is known. `prefix` is the start of their paths; `allocate` gives memory to read them into again. */
export interface Spool {
  readonly files: OutputFiles;
  readonly prefix: string;
  readonly allocate?: ((size: number) => Uint8Array) | undefined;
}

interface PartOptions {
  readonly source: PackageSource;
  readonly storage: PackageStorage;
  readonly spool: Spool;
  readonly watch: PackageWatch;
}

/** Tells of bytes as they pass. */
export async function* told(
  bytes: AsyncIterable<Uint8Array>,
  { watch: { signal, onProgress }, ...about }: Omit<PackageProgress, 'done'> & { readonly watch: PackageWatch },
): AsyncGenerator<Uint8Array, void, undefined> {
  let done = 0;
  onProgress?.({ ...about, done });
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    yield chunk;
    done += chunk.length;
    onProgress?.({ ...about, done });
  }
}

/** Members that stay as they are. */
export function copied(members: readonly PackageMember[], source: PackageSource): readonly PlannedMember[] {
  return members.map(({ name, size }) => ({
    name,
    size,
    stated: source.entries.filter((entry) => entry.name === name),
    read: () => source.read(name),
  }));
}

/** Neither readers nor people cope with more files; readers of archives keep 65,536 names. */
const maxPieces = 10_000;

function refuseCrumbs({ name, size, chunkSize }: { name: string; size: number; chunkSize: number }): void {
  const count = Math.ceil(size / chunkSize);
  if (count <= maxPieces) return;
  throw new PackageError(
    'VALUE_INVALID',
    `${name} would become ${count} pieces; ${maxPieces} are allowed, so make them of ${Math.ceil(size / maxPieces)} bytes or more`,
    { file: name },
  );
}

/** The pieces of one stream, which is read as they are. The last takes all that is left, so that what checks the whole sees its end. */
function cut(
  bytes: AsyncIterable<Uint8Array>,
  { name, size, chunkSize }: { name: string; size: number; chunkSize: number },
) {
  const count = Math.ceil(size / chunkSize);
  let cursor: ByteCursor | undefined;
  return Array.from({ length: count }, (_, index): PlannedMember => {
    const isLast = index === count - 1;
    return {
      name: pieceName(name, index),
      size: isLast ? size - index * chunkSize : chunkSize,
      stated: [],
      read: () => {
        cursor ??= createByteCursor(bytes);
        return cursor.stream(isLast ? Number.MAX_SAFE_INTEGER : chunkSize);
      },
    };
  });
}

/** Written to the side, for its size stands in descriptor and archive before the bytes. Gone when it was read. */
async function spooled(
  bytes: AsyncIterable<Uint8Array>,
  { name, options }: { readonly name: string; readonly options: PartOptions },
): Promise<{ readonly size: number; readonly bytes: AsyncIterable<Uint8Array> }> {
  const { files, prefix, allocate } = options.spool;
  const path = `${prefix}${name.replaceAll('/', '_')}.spool`;
  const observed = told(bytes, { file: name, phase: 'prepare', watch: options.watch });
  const size = await writeFile(files, { path, bytes: observed });
  async function* back(): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await openFile(files.partOf(path));
    try {
      yield* file.read({ start: 0, end: file.size, allocate });
    } finally {
      await file.close();
    }
    await files.drop(path);
  }
  return { size, bytes: back() };
}

async function* joined(
  pieces: readonly PackageMember[],
  { source, chunks }: { readonly source: PackageSource; readonly chunks: 'lasting' | 'passing' },
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { name } of pieces) yield* source.readCompared(name, chunks);
}

/** The bytes in their new form. */
function converted(
  file: FileReference,
  { pieces, to, source }: { pieces: readonly PackageMember[]; to: string | undefined; source: PackageSource },
): AsyncIterable<Uint8Array> {
  const { href, compression } = file;
  // what deflates is done with a chunk when it asks for the next one; what inflates may not be
  const chunks = compression === undefined && to === 'gzip' ? 'passing' : 'lasting';
  const stored = joined(pieces, { source, chunks });
  if (compression === to) return stored;
  if (compression !== undefined && compression !== 'gzip')
    throw new PackageError(
      'COMPRESSION_UNSUPPORTED',
      `${href} is compressed with ${compression}, which is not supported`,
      { file: href },
    );
  const plain = compression === 'gzip' ? decompressed(stored, { wrapping: 'gzip', file: href }) : stored;
  return to === 'gzip' ? gzipped(plain, { chunks: 'passing' }) : plain;
}

/** The compression a file gets. */
function compressionFor({ compression }: FileReference, storage: PackageStorage): string | undefined {
  if (storage.compression === 'gzip') return 'gzip';
  return storage.compression === 'plain' ? undefined : compression;
}

async function changed(
  file: FileReference,
  { pieces, to, options }: { pieces: readonly PackageMember[]; to: string | undefined; options: PartOptions },
): Promise<PackagePart> {
  const { source, storage } = options;
  const isPacked = to !== file.compression;
  const plainHref = isPacked ? file.href.replace(/\.gz$/, '') : file.href;
  const href = isPacked && to === 'gzip' ? `${plainHref}.gz` : plainHref;
  const bytes = converted(file, { pieces, to, source });
  const isSized = !isPacked && pieces.every(({ name }) => !source.unsized.has(name));
  const whole = isSized
    ? { size: pieces.reduce((sum, piece) => sum + piece.size, 0), bytes }
    : await spooled(bytes, { name: href, options });
  const { chunkSize = Number.POSITIVE_INFINITY } = storage;
  const { size } = whole;
  const isCut = size > chunkSize;
  if (isCut) refuseCrumbs({ name: href, size, chunkSize });
  const members = isCut
    ? cut(whole.bytes, { name: href, size, chunkSize })
    : [{ name: href, size, stated: [], read: () => whole.bytes }];
  const isSame = href === file.href && !isPacked && size === file.size && !isCut && file.chunkSize === undefined;
  if (isSame) return { members };
  const change = {
    href,
    size,
    chunkSize: isCut ? chunkSize : 0,
    ...(isPacked ? { compression: to ?? 'identity' } : {}),
  };
  return { members, change };
}

/**
 * A file of the descriptor in the form it is to have.
 * @throws PackageError FILE_MISSING, COMPRESSION_UNSUPPORTED
 */
export async function partOf(file: FileReference, options: PartOptions): Promise<PackagePart> {
  const { source, storage } = options;
  const pieces = piecesOf(source, file);
  const [only, second] = pieces;
  if (only === undefined)
    throw new PackageError('FILE_MISSING', `The package has no file ${file.href}`, { file: file.href });
  const isBundle = source.descriptor.bundles.some(({ fileRef }) => fileRef === file.id);
  const to = isBundle ? file.compression : compressionFor(file, storage);
  const isWhole = second === undefined && namesOfHref(file.href).includes(only.name);
  const isKept =
    (storage.chunkSize === undefined || isBundle || (isWhole && only.size <= storage.chunkSize)) &&
    (isWhole || storage.compression !== 'plain');
  const isSized = pieces.every(({ name }) => !source.unsized.has(name));
  if (to === file.compression && isKept && isSized) return { members: copied(pieces, source) };
  return changed(file, { pieces, to, options });
}
