import type { ByteRange } from '../byte-range.ts';
import type { ChunkMemory } from '../chunk-pool.ts';

/**
 * Where the bytes of files rest. Keys are relative paths of names, `import/5f3a…/disk.vmdk`; a store keeps any key that
 * is not empty, whatever its characters. A blob is open until it is sealed: an open one grows, a sealed one never changes.
 */
export interface BlobStore {
  /**
   * Appends at `offset`, which must be the current size; resolves to the new size once the bytes are flushed.
   * When `bytes` breaks off, what arrived stays and the error is passed on: ask `size` and go on from there.
   * One writer a key at a time. A chunk is not read any more once the next one is asked for: its memory may be used again.
   * @throws SessionError CONCURRENT_CHANGE when `offset` is not the current size, or another append of the key is under way;
   *   NOT_ALLOWED_IN_CURRENT_STATE when the blob is sealed; UNABLE_TO_ALLOCATE_RESOURCE when there is no room
   */
  append(key: string, offset: number, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /**
   * Makes the blob final, durably; sealing again changes nothing, but for a digest that a power cut took. `sha256` is that of its bytes, lower-case hex: the caller
   * hashed them as they passed, and the store believes it.
   * @throws SessionError NOT_FOUND
   */
  seal(key: string, sha256: string): Promise<void>;
  /** The keys of all sealed blobs with this digest, as it was given when they were sealed. */
  sealed(sha256: string): Promise<readonly string[]>;
  /** The keys of all sealed blobs of that many bytes, which may be many: whoever wants one looks no further. */
  sealedOfSize(size: number): AsyncIterable<string>;
  /** Bytes kept; 0 for an unknown key. */
  size(key: string): Promise<number>;
  /**
   * The bytes of an open or sealed blob, or a range of them, in chunks that are the caller's; they may be put into `memory`.
   * @throws SessionError NOT_FOUND, INVALID_ARGUMENT (range beyond the end)
   */
  read(key: string, range?: ByteRange, memory?: ChunkMemory): AsyncIterable<Uint8Array>;
  /** Open or sealed; an unknown key is no error. Reads under way may end with an error. */
  delete(key: string): Promise<void>;
  /**
   * Every key that begins with `prefix`, in no order; the empty one gives all. Cheap for a prefix that ends in a slash:
   * what lies elsewhere is not looked at. Keys that come or go meanwhile may or may not be among them.
   */
  keys(prefix: string): AsyncIterable<string>;
}
