import type { ByteRange } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { isDescriptorName, locateMember, type PackageReader } from '../package-read.ts';
import { readTar, type TarEntry, type TarMember } from '../tar-read.ts';
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

/** One decompression, which can only go on. Only one read has it at a time. */
interface Walk {
  readonly entries: AsyncGenerator<TarEntry, void, undefined>;
  /** Of the entry it stands at or behind. */
  offset: number;
}

/** A part of a member's body. */
interface Wanted extends ByteRange {
  readonly member: TarMember;
}

async function* readOn(walk: Walk, { member, start, end }: Wanted): AsyncGenerator<Uint8Array, void, undefined> {
  for (let step = await walk.entries.next(); step.done !== true; step = await walk.entries.next()) {
    walk.offset = step.value.offset;
    if (walk.offset !== member.offset) continue;
    let at = 0;
    for await (const part of step.value.bytes) {
      const from = Math.max(0, start - at);
      const to = Math.min(part.length, end - at);
      at += part.length;
      if (to > from) yield part.subarray(from, to);
      if (at >= end) return;
    }
    return;
  }
}

/** Reads members; one that stands behind the last one read goes on from there, every other starts anew. */
function createMemberReader(wrapped: Wrapped) {
  let idle: Walk | undefined;
  let isClosed = false;
  const start = (): Walk => ({ entries: readTar(plainBytes(wrapped)), offset: -1 });
  return {
    async *read(wanted: Wanted): AsyncGenerator<Uint8Array, void, undefined> {
      const walk = idle !== undefined && idle.offset < wanted.member.offset ? idle : start();
      if (walk === idle) idle = undefined;
      let rest: Walk | undefined = walk;
      try {
        yield* readOn(walk, wanted);
        if (isClosed) return;
        rest = idle;
        idle = walk;
      } finally {
        await rest?.entries.return();
      }
    },
    async close(): Promise<void> {
      isClosed = true;
      await idle?.entries.return();
    },
  };
}

/**
 * A compressed archive as a package. Nothing is unpacked to disk or kept: listing it decompresses it once, and reading members in
 * their order once more; a read that goes back, or goes on beside another, decompresses from the start.
 */
export async function openWrapped(wrapped: Wrapped): Promise<PackageReader> {
  const members: TarMember[] = [];
  for await (const { bytes: _, ...member } of readTar(plainBytes(wrapped))) members.push(member);
  const descriptor = members.find(({ name }) => isDescriptorName(name));
  if (descriptor === undefined) throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
  const bodies = createMemberReader(wrapped);
  return {
    kind: 'ova',
    descriptorName: descriptor.name,
    members: members.map(({ name, size }) => ({ name, size })),
    async *read(name, part) {
      const { member, range } = locateMember(members, { name, range: part });
      if (range.end > range.start) yield* bodies.read({ member, ...range });
    },
    async close() {
      await bodies.close();
      await wrapped.file.close();
    },
  };
}
