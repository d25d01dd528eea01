import type { BlobStore } from '@ovfkit/domain';

/** Told how much of a file has passed; at most ten times a second for each, and when it is complete. */
export type OnBytes = (file: { readonly name: string; readonly passed: number; readonly size?: number }) => void;

const intervalMs = 100;

/** The same store, telling of the bytes that are read whole and of those that are written. */
export function watchedBlobs(blobs: BlobStore, onBytes: OnBytes): BlobStore {
  return {
    ...blobs,
    async *read(key, range, memory) {
      const size = await blobs.size(key);
      const counter = createCounter({ name: nameOf(key), size, passed: range?.start ?? 0 }, onBytes);
      for await (const chunk of blobs.read(key, range, memory)) {
        yield chunk;
        counter.add(chunk.length);
      }
    },
    append(key, offset, bytes) {
      return blobs.append(key, offset, counted(bytes, createCounter({ name: nameOf(key), passed: offset }, onBytes)));
    },
  };
}

/** Keys end in the name of their file. */
const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

interface Counter {
  add(size: number): void;
}

function createCounter(
  { name, size, passed: before }: { readonly name: string; readonly size?: number; readonly passed: number },
  onBytes: OnBytes,
): Counter {
  let passed = before;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    add(more) {
      passed += more;
      const now = performance.now();
      if (passed !== size && now - toldAt < intervalMs) return;
      toldAt = now;
      onBytes({ name, passed, ...(size === undefined ? {} : { size }) });
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
