import type { BlobStore } from '@ovfkit/domain';

/** A part of a file that passes between this machine and the inventory. */
export interface PassingBytes {
  readonly name: string;
  readonly way: 'sent' | 'received';
  /** Where the part begins. */
  readonly from: number;
  /** How much of the file is behind. */
  readonly passed: number;
  readonly size?: number;
}

/** Told at most ten times a second for each file, and when it is complete. */
export type OnBytes = (part: PassingBytes) => void;

const intervalMs = 100;

/** The same store, telling of the bytes that are read whole and of those that are written. */
export function watchedBlobs(blobs: BlobStore, onBytes: OnBytes): BlobStore {
  return {
    ...blobs,
    async *read(key, range, memory) {
      const size = await blobs.size(key);
      const counter = createCounter({ name: nameOf(key), way: 'sent', size, from: range?.start ?? 0 }, onBytes);
      for await (const chunk of blobs.read(key, range, memory)) {
        yield chunk;
        counter.add(chunk.length);
      }
    },
    append(key, offset, bytes) {
      const counter = createCounter({ name: nameOf(key), way: 'received', from: offset }, onBytes);
      return blobs.append(key, offset, counted(bytes, counter));
    },
  };
}

/** Keys end in the name of their file. */
const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

interface Counter {
  add(size: number): void;
}

function createCounter(part: Omit<PassingBytes, 'passed'>, onBytes: OnBytes): Counter {
  let passed = part.from;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    add(more) {
      passed += more;
      const now = performance.now();
      if (passed !== part.size && now - toldAt < intervalMs) return;
      toldAt = now;
      onBytes({ ...part, passed });
    },
  };
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  counter: Counter,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    counter.add(chunk.length);
    yield chunk;
  }
}
