// One gzip member: a header, raw deflate data, then CRC-32 and length of what was packed. Deflate data may be cut at byte boundaries
// (an empty stored block, as a sync flush writes it), so stretches are deflated side by side and put one after the other. Each is given
// the 32 KiB before it as its dictionary, which is what a reader has in its window there.
import { constants, crc32, createDeflateRaw } from 'node:zlib';
import { ahead } from './disk-part.ts';

/** `level` is zlib's, 1 (fast) to 9 (small), 6 by default. */
export interface GzipOptions {
  readonly level?: number | undefined;
  /** `passing`: a chunk is good until the next one is asked for; its memory is given back then. `lasting` when absent. */
  readonly chunks?: 'lasting' | 'passing' | undefined;
}

const stretchSize = 256 * 1024;
const windowSize = 32 * 1024;
/** What does not shrink grows by a few bytes: one piece of memory takes any stretch, where pieces of 16 KiB would all be copied into one. */
const deflatedSize = stretchSize + 4096;
/** Enough to keep the thread pool busy while chunks are awaited. */
const stretchesAhead = 8;

/** Deflate, no name, no time, so that the same bytes always give the same file; made on any system. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** A last block with nothing in it. */
const end = Uint8Array.of(3, 0);

interface Stretch {
  readonly stretch: Uint8Array;
  /** The end of the one before it. */
  readonly before: Uint8Array | undefined;
}

/** Stretches in memory that is used again: the one before the oldest that is still deflated is not needed any more. */
async function* stretches(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (stretch: Uint8Array) => void,
): AsyncGenerator<Stretch, void, undefined> {
  const free = Array.from({ length: stretchesAhead + 1 }, () => new Uint8Array(stretchSize));
  let before: Uint8Array | undefined;
  let filled = 0;
  const take = (): Stretch => {
    const [memory = new Uint8Array()] = free.splice(0, 1);
    free.push(memory);
    const taken = { stretch: memory.subarray(0, filled), before };
    onBytes(taken.stretch);
    before = taken.stretch.subarray(-windowSize);
    filled = 0;
    return taken;
  };
  for await (const chunk of bytes)
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + stretchSize - filled);
      free[0]?.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === stretchSize) yield take();
    }
  if (filled > 0) yield take();
}

/** A stretch in pieces of one memory of `deflatedSize`, or of several. They are no Buffers, whose `slice` would not copy. */
const deflated = ({ stretch, before }: Stretch, level: number): Promise<readonly Uint8Array<ArrayBuffer>[]> =>
  new Promise((resolve, reject) => {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    createDeflateRaw({
      level,
      chunkSize: deflatedSize,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(before === undefined ? {} : { dictionary: before }),
    })
      .on('data', ({ buffer, byteOffset, length }: Buffer<ArrayBuffer>) =>
        pieces.push(new Uint8Array(buffer, byteOffset, length)),
      )
      .on('error', reject)
      .on('end', () => resolve(pieces))
      .end(stretch);
  });

/** Gives memory back at once. Left to the collector, which sees only a few small objects, eighty MiB of it would wait. */
function release(pieces: readonly Uint8Array<ArrayBuffer>[]): void {
  for (const { buffer } of pieces) if (buffer.byteLength === deflatedSize) buffer.transfer(0);
}

/**
 * The bytes as one gzip member. Deflates in the thread pool, a few MiB ahead; memory does not depend on the size. Chunks of `bytes` need to be
 * good only until the next one is asked for.
 */
export async function* gzipped(
  bytes: AsyncIterable<Uint8Array>,
  { level = 6, chunks = 'lasting' }: GzipOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let checksum = 0;
  let size = 0;
  yield header;
  const counted = stretches(bytes, (stretch) => {
    checksum = crc32(stretch, checksum);
    size += stretch.length;
  });
  const all = ahead(counted, { count: stretchesAhead, work: (stretch) => deflated(stretch, level) });
  for await (const pieces of all) {
    yield* pieces;
    if (chunks === 'passing') release(pieces);
  }
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, checksum, true);
  trailer.setUint32(4, size % 2 ** 32, true);
  yield end;
  yield new Uint8Array(trailer.buffer);
}
