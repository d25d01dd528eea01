import { PackageError } from '../errors.ts';
import { isDescriptorName, locateMember, type PackageReader } from '../package-read.ts';
import { readTar, type TarMember } from '../tar-read.ts';
import type { OpenFile } from './file.ts';
import { decompressed, type Wrapping } from './unwrap.ts';

/** Where the archive is, and how it is compressed. */
interface Wrapped {
  readonly file: OpenFile;
  readonly wrapping: Wrapping;
  readonly name: string;
}

function plainBytes({ file, wrapping, name }: Wrapped): AsyncIterable<Uint8Array> {
  return decompressed(file.read({ start: 0, end: file.size }), { wrapping, file: name });
}

/** Skips the members before it, and stops after it. */
async function* readMember(
  wrapped: Wrapped,
  { member, start, end }: { readonly member: TarMember; readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const entry of readTar(plainBytes(wrapped))) {
    if (entry.offset !== member.offset) continue;
    let at = 0;
    for await (const part of entry.bytes) {
      const from = Math.max(0, start - at);
      const to = Math.min(part.length, end - at);
      at += part.length;
      if (to > from) yield part.subarray(from, to);
      if (at >= end) return;
    }
    return;
  }
}

/**
 * A compressed archive as a package. Nothing is unpacked to disk or kept: listing it and each read decompress from the
 * start, so what matters is read in the archive's order, in one pass, by `verifyPackage` and its like.
 */
export async function openWrapped(wrapped: Wrapped): Promise<PackageReader> {
  const members: TarMember[] = [];
  for await (const { bytes: _, ...member } of readTar(plainBytes(wrapped))) members.push(member);
  const descriptor = members.find(({ name }) => isDescriptorName(name));
  if (descriptor === undefined) throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
  return {
    kind: 'ova',
    descriptorName: descriptor.name,
    members: members.map(({ name, size }) => ({ name, size })),
    async *read(name, part) {
      const { member, range } = locateMember(members, { name, range: part });
      if (range.end > range.start) yield* readMember(wrapped, { member, ...range });
    },
    close: () => wrapped.file.close(),
  };
}
