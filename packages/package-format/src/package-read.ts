import type { ByteRange, RandomAccess, ReadPart } from './bytes.ts';
import { PackageError } from './errors.ts';
import { checkName } from './name.ts';
import type { FileReference } from './ovf-types.ts';
import { indexTar } from './tar-read.ts';

/** A file of a package as it lies there. `size` in bytes. */
export interface PackageMember {
  readonly name: string;
  readonly size: number;
}

/** A package, wherever it is. Whoever opened it closes it. */
export interface PackageReader {
  readonly kind: 'ova' | 'ovf';
  /** The member that is the descriptor. */
  readonly descriptorName: string;
  /** In the order of the archive; for a folder descriptor, manifest, certificate, then as References has them. */
  readonly members: readonly PackageMember[];
  /**
   * The bytes of a member, or of a part of it. Chunks stay valid; several reads may go on at once.
   * @throws PackageError FILE_MISSING, NAME_REFUSED, RANGE_INVALID, TRUNCATED, CANNOT_READ
   */
  read(name: string, part?: ReadPart): AsyncIterable<Uint8Array>;
  /** Lets go of files. Reads that still go on fail. */
  close(): Promise<void>;
}

/** Whether a name is that of a descriptor. */
export function isDescriptorName(name: string): boolean {
  return name.toLowerCase().endsWith('.ovf');
}

/** Whether a path means an archive. */
export function isArchivePath(path: string): boolean {
  return path.toLowerCase().endsWith('.ova');
}

/**
 * Whether a file that begins so is a text in XML, as descriptors are that other programs keep under names of their own (`.xml`), and not an
 * archive, which begins with a name. 64 bytes are enough.
 */
export function beginsAsDescriptor(head: Uint8Array): boolean {
  const start = String.fromCharCode(...head.subarray(0, 64)).replace(/^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)/, '');
  return /^[\s\0]*</.test(start);
}

/** `disk.ovf` and `.mf` give `disk.mf`: manifest and certificate share the stem of the descriptor. */
export function siblingName(descriptorName: string, extension: '.mf' | '.cert'): string {
  return `${descriptorName.replace(/\.[^./]*$/, '')}${extension}`;
}

/** Whether `name` is that of the manifest or the certificate: what vouches for the other files. */
export function isSealName(descriptorName: string, name: string): boolean {
  return name === siblingName(descriptorName, '.mf') || name === siblingName(descriptorName, '.cert');
}

/**
 * The member called `name`; `range` within it, all of it when absent.
 * @throws PackageError NAME_REFUSED, FILE_MISSING, RANGE_INVALID
 */
export function locateMember<T extends PackageMember>(
  members: readonly T[],
  {
    name,
    range,
  }: {
    readonly name: string;
    readonly range?: ByteRange | undefined;
  },
): { readonly member: T; readonly range: ByteRange } {
  const member = members.find((candidate) => candidate.name === checkName(name));
  if (member === undefined) throw new PackageError('FILE_MISSING', `The package has no file ${name}`, { file: name });
  const { start, end } = range ?? { start: 0, end: member.size };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > member.size) {
    throw new PackageError('RANGE_INVALID', `Bytes ${start} to ${end} are not within the ${member.size} of ${name}`, {
      file: name,
    });
  }
  return { member, range: { start, end } };
}

/** Opens an archive by seeking; no body is read. Closing the reader does not close `source`. */
export async function openOva(source: RandomAccess): Promise<PackageReader> {
  const members = await indexTar(source);
  const descriptor = members.find(({ name }) => isDescriptorName(name));
  if (descriptor === undefined) throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
  return {
    kind: 'ova',
    descriptorName: descriptor.name,
    members: members.map(({ name, size }) => ({ name, size })),
    async *read(name, part) {
      const { member, range } = locateMember(members, { name, range: part });
      const { start, end } = range;
      yield* source.read({ start: member.offset + start, end: member.offset + end, allocate: part?.allocate });
    },
    close: async () => {},
  };
}

/** The name of piece `index` of a chunked file: nine digits, from zero. */
export function pieceName(href: string, index: number): string {
  return `${href}.${String(index).padStart(9, '0')}`;
}

/** An href is a URI, but most writers put the bare name there: the name as it stands comes first, then percent-decoded. */
export function namesOfHref(href: string): readonly string[] {
  try {
    const decoded = decodeURIComponent(href);
    return decoded === href ? [href] : [href, decoded];
  } catch {
    // a bare name with a percent sign in it
    return [href];
  }
}

interface Pieces {
  readonly members: readonly PackageMember[];
  readonly name: string;
  readonly reference: FileReference;
}

/** Without this, a piece that is missing at the end or in the middle would shorten the file in silence. */
function checkPieces({ members, name, reference }: Pieces, found: readonly PackageMember[]): void {
  const { size, chunkSize } = reference;
  const expected = size === undefined || chunkSize === undefined || chunkSize === 0 ? 0 : Math.ceil(size / chunkSize);
  const isPiece = ({ name: other }: PackageMember) =>
    other.startsWith(`${name}.`) && /^[0-9]{9}$/.test(other.slice(name.length + 1));
  if (found.length >= expected && found.length === members.filter(isPiece).length) return;
  const missing = pieceName(name, found.length);
  throw new PackageError('FILE_MISSING', `The piece ${missing} is missing`, { file: missing });
}

function findPieces(pieces: Pieces): readonly PackageMember[] {
  const { members, name, reference } = pieces;
  const whole = members.find((member) => member.name === name);
  // a file smaller than its chunk size is often left in one piece under its own name
  if (whole !== undefined || reference.chunkSize === undefined) return whole === undefined ? [] : [whole];
  const byName = new Map(members.map((member) => [member.name, member]));
  const found: PackageMember[] = [];
  for (
    let piece = byName.get(pieceName(name, 0));
    piece !== undefined;
    piece = byName.get(pieceName(name, found.length))
  ) {
    found.push(piece);
  }
  if (found.length > 0) checkPieces(pieces, found);
  return found;
}

/**
 * The members that together are a file of the descriptor: one, or for a chunked file its pieces in order; none when it
 * is missing.
 * @throws PackageError NAME_REFUSED for an href that leaves the package, FILE_MISSING when only some pieces are there
 */
export function piecesOf(
  { members }: Pick<PackageReader, 'members'>,
  reference: FileReference,
): readonly PackageMember[] {
  for (const name of namesOfHref(reference.href).map(checkName)) {
    const found = findPieces({ members, name, reference });
    if (found.length > 0) return found;
  }
  return [];
}
