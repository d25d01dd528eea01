import { constants, createDeflate } from 'node:zlib';

/** Deflates one piece after the other, each on its own, in the thread pool. */
export interface Deflater {
  /** zlib data of `bytes`, filled up with zeros to `size`. Only one call at a time; `bytes` are copied at once. */
  deflate(bytes: Uint8Array): Promise<Uint8Array>;
  /** What is under way rejects. */
  close(): void;
}

/**
 * Makes a deflater for pieces of `size` bytes. zlib's state, a quarter of a MiB, is made once and not for each piece: with thousands of
 * pieces a second the garbage would be more than the data.
 */
export function createDeflater({ level, size }: { readonly level: number; readonly size: number }): Deflater {
  const stream = createDeflate({ level, chunkSize: size });
  const input = Buffer.alloc(size);
  let parts: Uint8Array[] = [];
  stream.on('data', (part: Uint8Array) => parts.push(part));
  return {
    deflate: (bytes) =>
      new Promise((resolve, reject) => {
        input.set(bytes);
        input.fill(0, bytes.length);
        stream.once('error', reject);
        stream.write(input);
        stream.flush(constants.Z_FINISH, () => {
          stream.off('error', reject);
          if (stream.destroyed) {
            reject(new Error('The deflater was closed'));
            return;
          }
          stream.reset();
          const [first] = parts;
          resolve(parts.length === 1 && first !== undefined ? first : Buffer.concat(parts));
          parts = [];
        });
      }),
    close: () => stream.close(),
  };
}
