import { constants, createInflate } from 'node:zlib';

/** Inflates pieces of zlib data, each on its own, in the thread pool. */
export interface Inflater {
  /**
   * What `packed`, which has to stay as it is meanwhile, inflates to; bytes behind the data are not looked at. Several calls may go on at
   * once.
   * @throws RangeError as soon as it is more than the size; zlib's error for damaged or cut data
   */
  inflate(packed: Uint8Array): Promise<Uint8Array>;
  /** What is under way rejects. */
  close(): void;
}

/** One stream of zlib, for one piece at a time. */
interface Stream {
  run(packed: Uint8Array): Promise<{ readonly bytes: Uint8Array; readonly isReusable: boolean }>;
  close(): void;
}

function createStream(size: number): Stream {
  const stream = createInflate({ chunkSize: size });
  let parts: Uint8Array[] = [];
  let length = 0;
  stream.on('data', (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
    if (length > size) stream.destroy(new RangeError(`More than ${size} bytes`));
  });
  const take = (): Uint8Array => {
    const [first] = parts;
    const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    parts = [];
    length = 0;
    return bytes;
  };
  return {
    run: (packed) =>
      new Promise((resolve, reject) => {
        // zlib ends its stream when bytes follow the data; it cannot be used again then
        const onEnd = () => resolve({ bytes: take(), isReusable: false });
        stream.once('error', reject).once('end', onEnd);
        stream.write(packed);
        stream.flush(constants.Z_FINISH, () => {
          stream.off('end', onEnd);
          if (stream.destroyed) {
            reject(stream.errored ?? new Error('The inflater was closed'));
            return;
          }
          stream.off('error', reject).reset();
          resolve({ bytes: take(), isReusable: true });
        });
      }),
    close: () => stream.destroy(),
  };
}

/** Makes an inflater for pieces of at most `size` bytes unpacked. zlib's state is made once for all that goes on at a time. */
export function createInflater(size: number): Inflater {
  const all = new Set<Stream>();
  const free: Stream[] = [];
  return {
    async inflate(packed) {
      const stream = free.pop() ?? createStream(size);
      all.add(stream);
      let isReusable = false;
      try {
        const result = await stream.run(packed);
        ({ isReusable } = result);
        return result.bytes;
      } finally {
        if (isReusable) free.push(stream);
        else {
          all.delete(stream);
          stream.close();
        }
      }
    },
    close() {
      for (const stream of all) stream.close();
    },
  };
}
