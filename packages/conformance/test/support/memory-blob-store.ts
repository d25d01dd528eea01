import { type BlobStore, SessionError } from '@ovfkit/domain';

interface Blob {
  readonly bytes: Uint8Array;
  readonly isSealed: boolean;
  readonly sha256?: string;
}

/** Blobs that last as long as the process. */
export function createMemoryBlobStore(): BlobStore {
  const blobs = new Map<string, Blob>();
  const writers = new Set<string>();
  const find = (key: string): Blob => {
    const blob = blobs.get(key);
    if (blob === undefined) throw new SessionError('NOT_FOUND', `There is no blob ${key}.`);
    return blob;
  };
  return {
    async append(key, offset, bytes) {
      if (key === '') throw new SessionError('INVALID_ARGUMENT', 'A key is empty.');
      const { isSealed = false, bytes: before = new Uint8Array() } = blobs.get(key) ?? {};
      if (isSealed) throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `The blob ${key} is sealed.`);
      if (offset !== before.length) throw new SessionError('CONCURRENT_CHANGE', `The blob has ${before.length} bytes.`);
      if (writers.has(key)) throw new SessionError('CONCURRENT_CHANGE', `The blob ${key} is being written already.`);
      writers.add(key);
      const pieces = [before];
      try {
        for await (const chunk of bytes) pieces.push(chunk.slice()); // the source may reuse its buffer
      } finally {
        blobs.set(key, { bytes: Buffer.concat(pieces), isSealed: false }); // also when the source broke off
        writers.delete(key);
      }
      return find(key).bytes.length;
    },
    seal: async (key, sha256) => void blobs.set(key, { sha256, ...find(key), isSealed: true }),
    sealed: async (sha256) =>
      [...blobs].filter(([, each]) => each.isSealed && each.sha256 === sha256).map(([key]) => key),
    async *sealedOfSize(size) {
      for (const [key, each] of blobs) if (each.isSealed && each.bytes.length === size) yield key;
    },
    size: async (key) => blobs.get(key)?.bytes.length ?? 0,
    async *read(key, range) {
      const { bytes } = find(key);
      const { start, end } = range ?? { start: 0, end: bytes.length };
      const isInside = 0 <= start && start <= end && end <= bytes.length;
      if (!isInside) throw new SessionError('INVALID_ARGUMENT', `There is no range from ${start} to ${end}.`);
      yield bytes.slice(start, end);
    },
    delete: async (key) => void blobs.delete(key),
    async *keys(prefix) {
      for (const key of blobs.keys()) if (key.startsWith(prefix)) yield key;
    },
  };
}
