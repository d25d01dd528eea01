import { createCipheriv, createHash } from 'node:crypto';

const chunkSize = 1024 * 1024;

/**
 * Bytes of a disk as disks are: of every 4 MiB one is empty, one is text that compresses well, two are noise. The same
 * seed gives the same bytes, on every machine.
 */
export function* mixedData({ seed, size }: { readonly seed: string; readonly size: number }): Generator<Uint8Array> {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const noise = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)); // AES in counter mode is a fast, seeded generator
  const zeros = Buffer.alloc(chunkSize);
  for (let offset = 0, index = 0; offset < size; offset += chunkSize, index += 1) {
    const length = Math.min(chunkSize, size - offset);
    if (index % 4 === 0) yield zeros.subarray(0, length);
    else if (index % 4 === 1) yield Buffer.alloc(length, `${seed} log line ${index}: all is well\n`);
    else yield noise.update(zeros.subarray(0, length));
  }
}

/** The generator as a stream, which is what the writers take. */
export async function* streamOf(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
