import {
  type ByteRange,
  type Descriptor,
  type DescriptorEdit,
  type DigestAlgorithm,
  editDescriptor,
  type FileReference,
  type ManifestEntry,
  orderMembers,
  PackageError,
  type PackageMember,
  type PackageReader,
  pieceName,
  piecesOf,
  readAll,
  readManifest,
  siblingName,
} from '@ovfkit/package-format';
import { maxTextSize, readFile } from '@ovfkit/package-format/node';
import { createBuffers } from './buffers.ts';
import { gzipped, spooled } from './spool.ts';
import type { PackagePlan, PackageTarget, PlannedFile } from './write-package.ts';

/** A package to make another of. */
export interface PlanSource {
  readonly reader: PackageReader;
  readonly descriptor: Descriptor;
  /** Of the descriptor. */
  readonly text: Uint8Array;
  /** Whether descriptor and text are no longer what lies in the package. */
  readonly isEdited?: boolean | undefined;
}

/** How the files of the new package are stored. Sizes are bytes. */
export interface Storage {
  /** `keep` leaves files as they are, `gzip` compresses them, `plain` undoes compression and pieces. */
  readonly form: 'keep' | 'gzip' | 'plain';
  readonly chunkSize?: number | undefined;
  /** Makes a new manifest; without one a manifest stays as it is, as long as nothing else changes. */
  readonly algorithm?: DigestAlgorithm | undefined;
  /** Changes to the descriptor besides. */
  readonly edits?: readonly DescriptorEdit[] | undefined;
  /** Members to leave out. */
  readonly without?: ReadonlySet<string> | undefined;
  /** Told of digests that differ from the manifest, in place of refusing them. */
  readonly onMismatch?: PlannedFile['onMismatch'];
}

/** What to write, and which spooled files to remove afterwards. */
export interface Planned {
  readonly plan: PackagePlan;
  readonly warnings: readonly string[];
  release(): Promise<void>;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

const planned = (name: string, bytes: Uint8Array): PlannedFile => ({
  name,
  size: bytes.length,
  read: () => once(bytes),
});

/** Entries of the manifest by file; none when there is no manifest. */
export async function manifestOf({ reader }: Pick<PlanSource, 'reader'>): Promise<readonly ManifestEntry[]> {
  const name = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some((member) => member.name === name)) return [];
  return readManifest(await readAll(reader.read(name), maxTextSize), { file: name }).entries;
}

interface Part {
  readonly files: readonly PlannedFile[];
  readonly edits: readonly DescriptorEdit[];
  readonly release?: (() => Promise<void>) | undefined;
}

/** The same bytes as nine-digit pieces. */
function cut(
  { name, size, mtime }: Pick<PlannedFile, 'name' | 'size' | 'mtime'>,
  { chunkSize, read }: { readonly chunkSize: number; readonly read: (range: ByteRange) => AsyncIterable<Uint8Array> },
): readonly PlannedFile[] {
  return Array.from({ length: Math.ceil(size / chunkSize) }, (_, index) => {
    const range = { start: index * chunkSize, end: Math.min(size, (index + 1) * chunkSize) };
    return { name: pieceName(name, index), size: range.end - range.start, mtime, read: () => read(range) };
  });
}

interface PartOptions {
  readonly source: PlanSource;
  readonly storage: Storage;
  readonly target: PackageTarget;
  readonly expected: (name: string) => readonly ManifestEntry[];
}

const compressionOf = ({ compression }: FileReference, { form }: Storage): 'gzip' | undefined =>
  form === 'gzip' || (form === 'keep' && compression === 'gzip') ? 'gzip' : undefined;

function copied(members: readonly PackageMember[], { source, storage, expected }: PartOptions): readonly PlannedFile[] {
  const allocate = createBuffers();
  return members.map(({ name, size }) => ({
    name,
    size,
    expected: expected(name),
    onMismatch: storage.onMismatch,
    read: () => source.reader.read(name, { start: 0, end: size, allocate }),
  }));
}

/** One file in another form: it is written once on the side, for its size stands in the descriptor, which comes first. */
async function transformed(file: FileReference, options: PartOptions): Promise<Part> {
  const { source, storage, target } = options;
  const compression = compressionOf(file, storage);
  const href = compression === 'gzip' ? `${file.href.replace(/\.gz$/, '')}.gz` : file.href.replace(/\.gz$/, '');
  const plain = readFile(source.reader, file);
  const waiting = await spooled({ name: href, read: () => (compression === 'gzip' ? gzipped(plain) : plain) }, target);
  const { chunkSize } = storage;
  const isCut = chunkSize !== undefined && waiting.size > chunkSize;
  const files = isCut ? cut(waiting, { chunkSize, read: waiting.readPart }) : [waiting];
  const edit: DescriptorEdit = {
    type: 'setFile',
    id: file.id,
    href,
    size: waiting.size,
    compression: compression ?? 'identity',
    chunkSize: isCut ? chunkSize : 0,
  };
  return { files, edits: [edit], release: waiting.release };
}

async function partOf(file: FileReference, options: PartOptions): Promise<Part> {
  const { source, storage } = options;
  const { reader } = source;
  const pieces = piecesOf(reader, file);
  const [only] = pieces;
  if (only === undefined)
    throw new PackageError('FILE_MISSING', `The package has no file ${file.href}`, { file: file.href });
  const isBundle = source.descriptor.bundles.some(({ fileRef }) => fileRef === file.id);
  const isStored =
    compressionOf(file, storage) === file.compression && (storage.form !== 'plain' || pieces.length === 1);
  if (isBundle || (isStored && storage.chunkSize === undefined)) return { files: copied(pieces, options), edits: [] };
  const { chunkSize } = storage;
  if (!isStored || pieces.length > 1 || chunkSize === undefined) return transformed(file, options);
  if (only.size <= chunkSize) return { files: copied(pieces, options), edits: [] };
  const read = (range: ByteRange) => reader.read(only.name, range);
  return {
    files: cut(only, { chunkSize, read }),
    edits: [{ type: 'setFile', id: file.id, size: only.size, chunkSize }],
  };
}

/** Members that References does not name stay, at the end. */
function otherMembers({ reader, descriptor }: PlanSource): readonly PackageMember[] {
  const mentioned = new Set([
    reader.descriptorName,
    siblingName(reader.descriptorName, '.mf'),
    siblingName(reader.descriptorName, '.cert'),
    ...descriptor.files.flatMap((file) => piecesOf(reader, file).map(({ name }) => name)),
  ]);
  return reader.members.filter(({ name }) => !mentioned.has(name));
}

/** Manifest and certificate as they are: they are worth something only while nothing changes. */
async function seals({ reader }: PlanSource): Promise<readonly PlannedFile[]> {
  const names = (['.mf', '.cert'] as const).map((extension) => siblingName(reader.descriptorName, extension));
  const present = names.filter((name) => reader.members.some((member) => member.name === name));
  return Promise.all(present.map(async (name) => planned(name, await readAll(reader.read(name), maxTextSize))));
}

/** Whether a file is manifest or certificate: some writers list these in References as well. */
export function isSeal(
  { descriptorName }: Pick<PackageReader, 'descriptorName'>,
  { href }: Pick<FileReference, 'href'>,
): boolean {
  return href === siblingName(descriptorName, '.mf') || href === siblingName(descriptorName, '.cert');
}

function isDistinct(file: FileReference, index: number, all: readonly FileReference[]): boolean {
  return all.findIndex(({ href }) => href === file.href) === index;
}

/** Plans a package out of another one. Files that change their form are written beside the target at once. */
export async function planFrom(
  source: PlanSource,
  { storage, target }: { readonly storage: Storage; readonly target: PackageTarget },
): Promise<Planned> {
  const { reader, descriptor, text } = source;
  const { descriptorName } = reader;
  const entries = await manifestOf(source);
  const expected = (name: string) => entries.filter((entry) => entry.name === name);
  const options = { source, storage, target, expected };
  const parts: Part[] = [];
  for (const file of descriptor.files.filter((each) => !isSeal(reader, each)).filter(isDistinct))
    parts.push(await partOf(file, options));
  const edits = [...(storage.edits ?? []), ...parts.flatMap((part) => part.edits)];
  const isChanged = edits.length > 0 || source.isEdited === true;
  const isKept = !isChanged && storage.algorithm === undefined && entries.length > 0;
  const sealed = isKept ? await seals(source) : [];
  const edited = edits.length === 0 ? text : new TextEncoder().encode(editDescriptor(descriptor, edits));
  const first = {
    ...planned(descriptorName, edited),
    expected: isChanged ? [] : expected(descriptorName),
    onMismatch: storage.onMismatch,
  };
  const rest = [...parts.flatMap(({ files }) => files), ...copied(otherMembers(source), options)].filter(
    ({ name }) => storage.without?.has(name) !== true,
  );
  const hrefs = new Map(
    edits.flatMap((edit) => (edit.type === 'setFile' && edit.href !== undefined ? [[edit.id, edit.href]] : [])),
  );
  const files = descriptor.files.map((file) => ({ ...file, href: hrefs.get(file.id) ?? file.href }));
  const algorithm = isKept ? undefined : (storage.algorithm ?? entries[0]?.algorithm ?? 'SHA256');
  const ordered = orderMembers([first, ...sealed, ...rest], { descriptorName, descriptor: { ...descriptor, files } });
  return {
    plan: { descriptorName, files: ordered, algorithm },
    warnings: certificateWarnings(source, { isKept }),
    release: async () => {
      for (const part of parts) await part.release?.();
    },
  };
}

function certificateWarnings({ reader }: PlanSource, { isKept }: { readonly isKept: boolean }): readonly string[] {
  const name = siblingName(reader.descriptorName, '.cert');
  if (isKept || !reader.members.some((member) => member.name === name)) return [];
  return [`${name} is left out: it signed the manifest as it was. Sign again with ovfkit sign.`];
}
