const chunkSize = 1024 * 1024;

/** Smaller ones cost less than keeping an account of them. */
const smallest = 64 * 1024;

/**
 * Memory for chunks that move through at a gigabyte a second: left to the collector, dozens of MiB of them would wait for it.
 * Whoever owns one lends its chunks with `Upload.bytes` and takes them back by `Upload.release`, or has them filled by a download (`Wanted.memory`).
 * It is shared memory: another thread may read a chunk as long as it is lent. It begins where a page does, as the disk wants it of who writes
 * without the system's cache.
 */
export interface ChunkPool {
  /** Memory of exactly `size` bytes, with anything in it. */
  allocate(size: number): Uint8Array;
  /** Nobody reads `chunk` from now on. What did not come from here, or came back already, is ignored. */
  release(chunk: Uint8Array): void;
}

/** Where chunks may be put: whoever gives it takes them back. */
export type ChunkMemory = Pick<ChunkPool, 'allocate'>;

/** At most `limit` chunks of 1 MiB are kept for later; what never comes back is the collector's. */
export function createChunkPool(limit = 16): ChunkPool {
  const idle: ArrayBufferLike[] = [];
  const lent = new WeakSet<ArrayBufferLike>();
  return {
    allocate(size) {
      if (size < smallest || size > chunkSize) return new Uint8Array(size);
      const memory = idle.pop() ?? wholePages();
      lent.add(memory);
      return new Uint8Array(memory, 0, size);
    },
    release({ buffer }) {
      if (lent.delete(buffer) && idle.length < limit) idle.push(buffer);
    },
  };
}

/** Memory that may grow is made of whole pages; what may not begins wherever there is room. */
const wholePages = (): SharedArrayBuffer => new SharedArrayBuffer(chunkSize, { maxByteLength: chunkSize });
