// What a package is made of, whichever way it was given: one descriptor, its text, and files that can be read.
import { readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { type ManifestEntry, readManifest } from '../manifest.ts';
import { checkName, foldName } from '../name.ts';
import { type DescriptorEdit, editDescriptor } from '../ovf-edit.ts';
import { readDescriptor } from '../ovf-read.ts';
import type { Descriptor } from '../ovf-types.ts';
import { type PackageMember, type PackageReader, siblingName } from '../package-read.ts';
import { compared, type OnMismatch } from './compared.ts';
import { maxTextSize } from './open.ts';

/** A file that goes into a package. */
export interface PackageFile {
  readonly name: string;
  /** In bytes. A file whose size is not known is written beside the target first, for the size stands in front of the bytes. */
  readonly size?: number | undefined;
  /** All of it, from the start. Chunks stay valid. */
  read(): AsyncIterable<Uint8Array>;
}

/**
 * A package that is not there yet: a descriptor, and every file its References name. Sizes, compression and pieces are written into the
 * descriptor as they turn out.
 */
export interface NewPackage {
  readonly descriptorName: string;
  readonly descriptor: string | Uint8Array;
  readonly files: readonly PackageFile[];
}

/** What a package can be made of: another one, or a descriptor and files. */
export type PackageInput = PackageReader | NewPackage;

/** A package to write, opened. */
export interface PackageSource {
  readonly descriptorName: string;
  readonly descriptor: Descriptor;
  /** Of the descriptor. */
  readonly text: Uint8Array;
  /** Whether descriptor and text are no longer what the manifest means. */
  readonly isEdited: boolean;
  readonly members: readonly PackageMember[];
  /** Members of which nobody knows the size. */
  readonly unsized: ReadonlySet<string>;
  /** Of the manifest; none when there is none. */
  readonly entries: readonly ManifestEntry[];
  /** All of a member, in the memory that was given for it. */
  read(name: string): AsyncIterable<Uint8Array>;
  /** The same, compared with the manifest; in memory that stays valid unless `passing` is asked for. */
  readCompared(name: string, chunks?: 'lasting' | 'passing'): AsyncIterable<Uint8Array>;
}

/** Whether a source is a package already. */
const isReader = (input: PackageInput): input is PackageReader => 'members' in input;

/** Bytes that are in memory. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function newMembers({ descriptorName, descriptor, files }: NewPackage) {
  const text = typeof descriptor === 'string' ? new TextEncoder().encode(descriptor) : descriptor;
  const byName = new Map(files.map((file) => [checkName(file.name), file]));
  const members = [
    { name: checkName(descriptorName), size: text.length },
    ...files.map(({ name, size = 0 }) => ({ name, size })),
  ];
  const seen = new Set(members.map(({ name }) => foldName(name)));
  if (seen.size < members.length) throw new PackageError('FILE_EXISTS', 'Two files of the package have one name');
  return {
    members,
    unsized: new Set(files.flatMap(({ name, size }) => (size === undefined ? [name] : []))),
    read: (name: string) =>
      name === descriptorName ? once(text) : (byName.get(name)?.read() ?? once(new Uint8Array())),
  };
}

function membersOf(input: PackageInput) {
  if (!isReader(input)) return { ...newMembers(input), allocate: undefined };
  const sizes = new Map(input.members.map(({ name, size }) => [name, size]));
  const read = (name: string, allocate?: (size: number) => Uint8Array) =>
    input.read(name, { start: 0, end: sizes.get(name) ?? 0, allocate });
  return { members: input.members, unsized: new Set<string>(), read };
}

/** Entries of the manifest of a package; none when it has no manifest. @throws PackageError MANIFEST_INVALID */
export async function manifestEntries({
  descriptorName,
  members,
  read,
}: Pick<PackageReader, 'descriptorName' | 'members'> & { read(name: string): AsyncIterable<Uint8Array> }): Promise<
  readonly ManifestEntry[]
> {
  const name = siblingName(descriptorName, '.mf');
  if (!members.some((member) => member.name === name)) return [];
  return readManifest(await readAll(read(name), maxTextSize), { file: name }).entries;
}

/**
 * Opens what a package is made of: reads descriptor and manifest, and compares the descriptor with the manifest.
 * @throws PackageError as readDescriptor and readManifest do, EDIT_REFUSED, DIGEST_MISMATCH
 */
export async function openPackageSource(
  input: PackageInput,
  {
    edits = [],
    onMismatch,
    allocate,
  }: {
    readonly edits?: readonly DescriptorEdit[] | undefined;
    readonly onMismatch?: OnMismatch | undefined;
    /** Memory for members that are copied; new memory when absent, which whoever gets the bytes may keep. */
    readonly allocate?: ((size: number) => Uint8Array) | undefined;
  },
): Promise<PackageSource> {
  const { descriptorName } = input;
  const { members, unsized, read } = membersOf(input);
  const entries = await manifestEntries({ descriptorName, members, read });
  const statedOf = (name: string) => entries.filter((entry) => entry.name === name);
  const whole = compared(read(descriptorName), { stated: statedOf(descriptorName), onMismatch });
  const original = await readAll(whole, maxTextSize);
  const before = readDescriptor(original, { file: descriptorName, lax: true });
  const isEdited = edits.length > 0;
  const text = isEdited ? new TextEncoder().encode(editDescriptor(before, edits)) : original;
  return {
    descriptorName,
    descriptor: isEdited ? readDescriptor(text, { file: descriptorName, lax: true }) : before,
    text,
    isEdited,
    members,
    unsized,
    entries,
    read: (name) => read(name, allocate),
    readCompared: (name, chunks = 'lasting') =>
      compared(read(name, chunks === 'passing' ? allocate : undefined), { stated: statedOf(name), onMismatch }),
  };
}
