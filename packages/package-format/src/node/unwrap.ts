import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { concat, createByteCursor } from '../bytes.ts';
import { PackageError } from '../errors.ts';

/** How a whole archive can be compressed. */
export type Wrapping = 'gzip' | 'xz' | 'zstd';

/** Bytes that {@link wrappingOf} needs to see. */
const magicSize = 6;
const outputChunkSize = 256 * 1024;

const magics: readonly (readonly [Wrapping, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

/** How the bytes are compressed, told by the first six of them; undefined when they are not. */
export function wrappingOf(head: Uint8Array): Wrapping | undefined {
  return magics.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0];
}

async function* throughXz(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  // loaded when first needed: it carries a WebAssembly module
  const { default: xz } = await import('xz-decompress');
  const iterator = bytes[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await iterator.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
  });
  const reader = new xz.XzReadableStream(source).getReader();
  try {
    // the decoder reuses its buffer, and consumers hold chunks
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value.slice();
  } finally {
    // it fails when it is at the end already, which nobody can know beforehand
    await reader.cancel().catch(() => undefined);
    await iterator.return?.();
  }
}

async function* throughZlib(
  bytes: AsyncIterable<Uint8Array>,
  wrapping: 'gzip' | 'zstd',
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(bytes, { objectMode: false });
  const options = { chunkSize: outputChunkSize };
  const decoder = wrapping === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
  source.on('error', (cause) => decoder.destroy(cause));
  try {
    for await (const part of source.pipe(decoder)) yield part;
  } finally {
    source.destroy();
    decoder.destroy();
  }
}

/**
 * Undoes a compression as the bytes come. Memory does not depend on the size, however well it was compressed (xz holds
 * its dictionary, 64 MiB at the highest level).
 * @throws PackageError TRUNCATED when the data ends too early, COMPRESSION_INVALID when it is damaged; what `bytes` fails with passes through
 */
export async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  { wrapping, file }: { readonly wrapping: Wrapping; readonly file: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  let sourceError: unknown;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* bytes;
    } catch (cause) {
      sourceError = cause;
      throw cause;
    }
  }
  try {
    yield* wrapping === 'xz' ? throughXz(watched()) : throughZlib(watched(), wrapping);
  } catch (cause) {
    throw sourceError ?? refusalOf(cause, { wrapping, file });
  }
}

/** What is cut short may come whole the next time; what is damaged never does. */
function refusalOf(
  cause: unknown,
  { wrapping, file }: { readonly wrapping: Wrapping; readonly file: string },
): PackageError {
  return isCut(cause)
    ? new PackageError('TRUNCATED', `${file} ends in the middle of its ${wrapping} data`, { file, cause })
    : new PackageError('COMPRESSION_INVALID', `${file} is not whole ${wrapping} data`, { file, cause });
}

/** Of xz the decoder tells by a number in its text alone: 8, XZ_BUF_ERROR, is for more bytes than there are. */
const isCut = (cause: unknown): boolean =>
  cause instanceof Error &&
  ('code' in cause ? cause.code === 'Z_BUF_ERROR' : cause.message.endsWith('failed with error code 8'));

/**
 * The plain bytes, whether they come compressed with gzip, xz or zstd, or not at all. Takes `bytes` over.
 * @throws PackageError TRUNCATED, COMPRESSION_INVALID
 */
export async function* unwrapped(
  bytes: AsyncIterable<Uint8Array>,
  { file }: { readonly file: string },
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = createByteCursor(bytes);
  try {
    // a view of a chunk would be as good, but for a source that reuses its buffer
    const head = concat([await cursor.read(magicSize)]);
    async function* whole(): AsyncGenerator<Uint8Array, void, undefined> {
      yield head;
      yield* cursor.stream(Number.MAX_SAFE_INTEGER);
    }
    const wrapping = wrappingOf(head);
    yield* wrapping === undefined ? whole() : decompressed(whole(), { wrapping, file });
  } finally {
    await cursor.close();
  }
}
