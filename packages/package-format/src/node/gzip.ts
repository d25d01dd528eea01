// One gzip member: a header, raw deflate data, then CRC-32 and length of what was packed. Deflate data may be cut at byte boundaries
// (an empty stored block, as a sync flush writes it), so stretches are deflated side by side and put one after the other. Each is given
// the 32 KiB before it as its dictionary, which is what a reader has in its window there.
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { rechunk } from '../bytes.ts';
import { ahead } from './disk-part.ts';

/** `level` is zlib's, 1 (fast) to 9 (small), 6 by default. */
export interface GzipOptions {
  readonly level?: number | undefined;
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

const deflateAsync = promisify(deflateRaw);

/** Each stretch with the bytes before it. */
async function* stretches(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (stretch: Uint8Array) => void,
): AsyncGenerator<{ readonly stretch: Uint8Array; readonly before: Uint8Array | undefined }, void, undefined> {
  let before: Uint8Array | undefined;
  for await (const stretch of rechunk(bytes, stretchSize)) {
    onBytes(stretch);
    yield { stretch, before };
    before = stretch.subarray(-windowSize);
  }
}

/**
 * The bytes as one gzip member. Deflates in the thread pool, a few MiB ahead, so chunks of `bytes` have to stay valid; memory does not
 * depend on the size.
 */
export async function* gzipped(
  bytes: AsyncIterable<Uint8Array>,
  { level = 6 }: GzipOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  let checksum = 0;
  let size = 0;
  yield header;
  const counted = stretches(bytes, (stretch) => {
    checksum = crc32(stretch, checksum);
    size += stretch.length;
  });
  yield* ahead(counted, {
    count: stretchesAhead,
    work: ({ stretch, before }) =>
      deflateAsync(stretch, {
        level,
        chunkSize: deflatedSize,
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(before === undefined ? {} : { dictionary: before }),
      }),
  });
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, checksum, true);
  trailer.setUint32(4, size % 2 ** 32, true);
  yield end;
  yield new Uint8Array(trailer.buffer);
}
