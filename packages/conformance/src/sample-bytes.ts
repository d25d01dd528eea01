import { createHash } from 'node:crypto';

const encoder = new TextEncoder();

/** Texts and bytes as a stream, one chunk each. */
export async function* bytesOf(...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
}

/** The chunks, and then the source fails with `error`. */
export async function* breakingOff(
  error: Error,
  ...chunks: readonly (string | Uint8Array)[]
): AsyncGenerator<Uint8Array> {
  yield* bytesOf(...chunks);
  throw error;
}

/** `bytes` in chunks of `size`. All share one buffer that the next chunk overwrites, as a reader with a reused buffer does. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (let start = 0; start < bytes.length; start += size) {
    const piece = bytes.subarray(start, start + size);
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

/** `bytes` in pieces of `size`, the last one shorter. */
export const cut = (bytes: Uint8Array, size: number): readonly Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );

/** All of a stream in one array. For samples only: it takes as much memory as there are bytes. */
export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk.slice());
  return join(chunks);
}

/** The chunks in one array. */
export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** `size` bytes without a pattern; the same for the same `seed`. */
export function noise(size: number, seed = 'ovfkit'): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(size / 64) }, (_, index) =>
    createHash('sha512').update(`${seed}/${index}`).digest(),
  );
  return join(blocks).subarray(0, size);
}

/** Lower-case hex. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
