import { PackageError } from './errors.ts';

/** A part of something: from `start` up to, not including, `end`. Both in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A part to read, and the memory to read it into. */
export interface ReadPart extends ByteRange {
  /**
   * Gives memory of exactly `size` bytes for a chunk; new memory when absent. Whoever passes it decides when that memory may be used
   * again; a source that has its bytes in memory already never asks.
   */
  readonly allocate?: ((size: number) => Uint8Array) | undefined;
}

/** Something whose bytes can be read from anywhere. A read past `size` is an error of the caller. */
export interface RandomAccess {
  /** In bytes. */
  readonly size: number;
  /** Chunks stay valid after the next one is asked for. */
  read(part: ReadPart): AsyncIterable<Uint8Array>;
}

/** A forward reader over chunks. Every size is in bytes; only one call at a time. */
export interface ByteCursor {
  /** Bytes read or skipped so far. */
  position(): number;
  /** Exactly `size` bytes, or fewer when the source ends first. */
  read(size: number): Promise<Uint8Array>;
  /** Hands out up to `size` bytes without copying them; ends early only when the source does. */
  stream(size: number): AsyncGenerator<Uint8Array, void, undefined>;
  /** Resolves to how many bytes were skipped, fewer than `size` only at the end. */
  skip(size: number): Promise<number>;
  /** Lets the source go. */
  close(): Promise<void>;
}

const none: Uint8Array = new Uint8Array(0);

/** Hands out what a source gives in parts no larger than asked for, without copying. */
function createPuller(bytes: AsyncIterable<Uint8Array>) {
  const iterator = bytes[Symbol.asyncIterator]();
  let chunk = none;
  let at = 0;
  let position = 0;
  let isEnded = false;
  return {
    position: () => position,
    /** Up to `size` bytes, at least one; empty at the end. */
    async pull(size: number): Promise<Uint8Array> {
      while (at === chunk.length) {
        const step = isEnded ? undefined : await iterator.next();
        isEnded = step === undefined || step.done === true;
        if (step === undefined || step.done === true) return none;
        chunk = step.value;
        at = 0;
      }
      const part = chunk.subarray(at, at + Math.min(size, chunk.length - at));
      at += part.length;
      position += part.length;
      return part;
    },
    async close(): Promise<void> {
      if (!isEnded) await iterator.return?.();
      isEnded = true;
      chunk = none;
      at = 0;
    },
  };
}

/** A {@link ByteCursor} over `bytes`, which it takes over: `close` returns the iterator. */
export function createByteCursor(bytes: AsyncIterable<Uint8Array>): ByteCursor {
  const { pull, position, close } = createPuller(bytes);

  async function* stream(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0; ) {
      const part = await pull(left);
      if (part.length === 0) return;
      left -= part.length;
      yield part;
    }
  }

  return {
    position,
    stream,
    close,
    async read(size) {
      if (size === 0) return none;
      const first = await pull(size);
      if (first.length === size) return first;
      const parts = [first];
      for await (const part of stream(size - first.length)) parts.push(part);
      return concat(parts);
    },
    async skip(size) {
      let skipped = 0;
      for await (const part of stream(size)) skipped += part.length;
      return skipped;
    },
  };
}

/** One array of all `parts`, in order. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * All of `bytes` in memory. Only for what has a limit: descriptors, manifests, bundles.
 * @throws PackageError TOO_LARGE as soon as more than `maxSize` bytes came
 */
export async function readAll(bytes: AsyncIterable<Uint8Array>, maxSize: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > maxSize) throw new PackageError('TOO_LARGE', `More than the ${maxSize} bytes allowed`);
    parts.push(part);
  }
  return concat(parts);
}

/** Passes `bytes` through and calls `onCount` with the size of each chunk before it is handed on. */
export async function* count(
  bytes: AsyncIterable<Uint8Array>,
  onCount: (size: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const part of bytes) {
    onCount(part.length);
    yield part;
  }
}

/** The same bytes in chunks of exactly `size`, the last one shorter. */
export async function* rechunk(
  bytes: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = createByteCursor(bytes);
  try {
    for (let part = await cursor.read(size); part.length > 0; part = await cursor.read(size)) yield part;
  } finally {
    await cursor.close();
  }
}

/**
 * Passes `bytes` through and checks that there are exactly `size` of them.
 * @throws PackageError SIZE_MISMATCH, before a surplus byte is handed on
 */
export async function* exactly(
  bytes: AsyncIterable<Uint8Array>,
  { size, file }: { readonly size: number; readonly file: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  let seen = 0;
  for await (const part of bytes) {
    seen += part.length;
    if (seen > size)
      throw new PackageError('SIZE_MISMATCH', `${file} is longer than the ${size} bytes announced`, { file });
    yield part;
  }
  if (seen < size) {
    throw new PackageError('SIZE_MISMATCH', `${file} ended after ${seen} of ${size} bytes`, { file, offset: seen });
  }
}

/** A {@link RandomAccess} over bytes that are in memory. */
export function randomAccessOf(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    async *read({ start, end }) {
      if (end > start) yield bytes.subarray(start, end);
    },
  };
}
