import type { ByteRange } from '@ovfkit/domain';
import { type TarLayout, tarLayout, writeTar } from '@ovfkit/package-format';
import { noBytes } from '../byte-stream.ts';

/** A member of an archive that is made on the fly. */
export interface OvaMember {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

/** Part of the archive at a known place. */
interface Segment extends ByteRange {
  read(range: ByteRange): AsyncIterable<Uint8Array>;
}

/** A range of the archive of `members`, in their order. Only what the range touches is read: there is no copy of it. */
export async function* readOva(members: readonly OvaMember[], range: ByteRange): AsyncGenerator<Uint8Array> {
  for (const { start, end, read } of segments(members, tarLayout(members))) {
    const from = Math.max(start, range.start);
    const to = Math.min(end, range.end);
    if (from < to) yield* read({ start: from - start, end: to - start });
  }
}

function* segments(members: readonly OvaMember[], layout: TarLayout): Generator<Segment> {
  let at = 0;
  for (const [index, { offset, size }] of layout.members.entries()) {
    const member = members[index];
    if (member === undefined) return;
    const header = { start: at, end: offset };
    yield { ...header, read: (part) => headerBytes(member, { header, part }) };
    yield { start: offset, end: offset + size, read: (part) => member.read(part) };
    at = Math.ceil((offset + size) / block) * block;
    yield { start: offset + size, end: at, read: zeros };
  }
  yield { start: at, end: layout.size, read: zeros };
}

const block = 512;

/** The blocks before a body: what a writer gives first of an archive with this one member. */
async function* headerBytes(
  { name, size }: OvaMember,
  { header, part }: { readonly header: ByteRange; readonly part: ByteRange },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of writeTar([{ name, size, bytes: noBytes() }])) {
    const from = Math.max(at, part.start);
    const to = Math.min(at + chunk.length, part.end, header.end - header.start);
    if (from < to) yield chunk.subarray(from - at, to - at);
    at += chunk.length;
    // the body that is not given here is asked for next, which the writer would refuse
    if (at >= part.end) return;
  }
}

async function* zeros({ start, end }: ByteRange): AsyncGenerator<Uint8Array> {
  if (end > start) yield new Uint8Array(end - start);
}
