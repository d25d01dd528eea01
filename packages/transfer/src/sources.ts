import type { OvfFileInfo } from '@ovfkit/domain';
import {
  namesOfHref,
  PackageError,
  type PackageMember,
  type PackageReader,
  piecesOf,
  type ReadPart,
} from '@ovfkit/package-format';
import type { CheckedPackage } from './check-package.ts';
import type { ExpectedDigest } from './verified.ts';

/** A file of a package as something to send. */
export interface FileSource {
  /** In the package. */
  readonly name: string;
  readonly size: number;
  /** From the manifest; empty without one. */
  readonly expected: readonly ExpectedDigest[];
  /** The first byte that can still be read: 0, but for what goes by. */
  from(): number;
  read(part: ReadPart): AsyncIterable<Uint8Array>;
}

const fromStart = (): number => 0;

/**
 * What to send for an entry of a session. The server names manifest and certificate as it likes, so those are told by their type.
 * Nothing when the package does not have it.
 */
export function sourceOf(
  checked: CheckedPackage,
  { name, fileType }: Pick<OvfFileInfo, 'name' | 'fileType'>,
): FileSource | undefined {
  switch (fileType) {
    case 'OVF':
      return sourceNamed(checked, checked.reader.descriptorName);
    case 'MANIFEST':
      return checked.manifestName === undefined ? undefined : sourceNamed(checked, checked.manifestName);
    case 'CERT':
      return checked.certificateName === undefined ? undefined : sourceNamed(checked, checked.certificateName);
    default:
      return sourceNamed(checked, name);
  }
}

/** @throws PackageError FILE_MISSING */
export function requiredSourceOf(checked: CheckedPackage, file: Pick<OvfFileInfo, 'name' | 'fileType'>): FileSource {
  const source = sourceOf(checked, file);
  if (source) return source;
  throw new PackageError('FILE_MISSING', `The server asks for ${file.name}, which the package does not have`, {
    file: file.name,
  });
}

/** What the manifest says of a file, by the name that it has in the package, else by the one in the descriptor. */
export const expectedOf = (
  { digests }: Pick<CheckedPackage, 'digests'>,
  { name, href }: { readonly name: string; readonly href: string },
): readonly ExpectedDigest[] => digests.get(name) ?? digests.get(href) ?? [];

function sourceNamed(checked: CheckedPackage, name: string): FileSource | undefined {
  const { reader } = checked;
  const [member] = namesOfHref(name).flatMap((own) => reader.members.filter((each) => each.name === own));
  if (member)
    return {
      ...member,
      expected: expectedOf(checked, { name: member.name, href: name }),
      from: fromStart,
      read: (part) => reader.read(member.name, part),
    };
  const reference = checked.files.find(({ href }) => href === name);
  const pieces = reference === undefined ? [] : piecesOf(reader, reference);
  if (pieces.length === 0) return undefined;
  const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
  return { name, size, expected: [], from: fromStart, read: (part) => readPieces(reader, { pieces, part }) };
}

async function* readPieces(
  reader: PackageReader,
  { pieces, part }: { readonly pieces: readonly PackageMember[]; readonly part: ReadPart },
): AsyncGenerator<Uint8Array, void, undefined> {
  let from = 0;
  for (const { name, size } of pieces) {
    const start = Math.max(0, part.start - from);
    const end = Math.min(size, part.end - from);
    if (start < end) yield* reader.read(name, { ...part, start, end });
    from += size;
  }
}
