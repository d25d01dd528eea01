import type { ReadPart } from '../bytes.ts';
import { PackageError } from '../errors.ts';

/** A stretch of a disk's data, at `start` bytes from the disk's beginning. What no part covers is zeros. */
export interface DiskPart {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** A disk image, open. `capacity` in bytes. Whoever opened its file closes that. */
export interface DiskImage {
  /** `split`: a VMDK whose data is in files beside it. */
  readonly format: 'raw' | 'streamOptimized' | 'monolithicSparse' | 'split' | 'qcow2';
  readonly capacity: number;
  /**
   * Ascending, not overlapping, all below `capacity`. `allocate` gives memory to read plain data into, as in a {@link ReadPart}; when
   * absent, parts stay valid.
   */
  parts(allocate?: ReadPart['allocate']): AsyncGenerator<DiskPart, void, undefined>;
}

/** A block of a disk: its data from `index` times the size of a block on. */
export interface DiskBlock {
  readonly index: number;
  /** As long as a block; shorter at the end of the disk. */
  readonly bytes: Uint8Array;
}

const zeroChunk = Buffer.alloc(1024 * 1024);

/** Whether bytes are nothing but zeros. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += zeroChunk.length) {
    const part = bytes.subarray(at, at + zeroChunk.length);
    if (zeroChunk.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}

async function* zeros(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; left -= zeroChunk.length)
    yield zeroChunk.subarray(0, Math.min(left, zeroChunk.length));
}

/**
 * All of a disk as one stream, gaps filled with zeros. Chunks of zeros are one and the same memory: do not write to them.
 * @throws PackageError VALUE_INVALID when parts overlap or lie outside, which would be a fault of who gives them
 */
export async function* flatten(
  parts: AsyncIterable<DiskPart>,
  capacity: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for await (const { start, bytes } of parts) {
    if (start < at || start + bytes.length > capacity)
      throw new PackageError('VALUE_INVALID', `The part of the disk at ${start} overlaps another or its end`);
    yield* zeros(start - at);
    yield bytes;
    at = start + bytes.length;
  }
  yield* zeros(capacity - at);
}

/**
 * The blocks of a disk that are not all zeros, in order. A part that is a whole block is not copied; gaps cost nothing.
 * @throws PackageError VALUE_INVALID as {@link flatten} does
 */
export async function* blocksOf(
  parts: AsyncIterable<DiskPart>,
  { capacity, size }: { readonly capacity: number; readonly size: number },
): AsyncGenerator<DiskBlock, void, undefined> {
  let begun: DiskBlock | undefined;
  let last = 0;
  for await (const { start, bytes } of parts) {
    if (start < last || start + bytes.length > capacity)
      throw new PackageError('VALUE_INVALID', `The part of the disk at ${start} overlaps another or its end`);
    last = start + bytes.length;
    for (let at = start; at < last; ) {
      const index = Math.floor(at / size);
      const length = Math.min(size, capacity - index * size);
      const piece = bytes.subarray(at - start, Math.min(last, index * size + length) - start);
      if (begun !== undefined && begun.index !== index) {
        if (!isZero(begun.bytes)) yield begun;
        begun = undefined;
      }
      if (piece.length === length) {
        if (!isZero(piece)) yield { index, bytes: piece };
      } else {
        begun ??= { index, bytes: new Uint8Array(length) };
        begun.bytes.set(piece, at - index * size);
      }
      at += piece.length;
    }
  }
  if (begun !== undefined && !isZero(begun.bytes)) yield begun;
}

/** Starts the work of some parts before it is needed, and hands out the results in order. */
export async function* ahead<T, R>(
  items: AsyncIterable<T>,
  { count, work }: { readonly count: number; readonly work: (item: T) => Promise<R> },
): AsyncGenerator<R, void, undefined> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // seen by the await that takes it; until then it must not count as unhandled
    result.catch(() => {});
    running.push(result);
    const first = running.length >= count ? running.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const result of running) yield await result;
}
