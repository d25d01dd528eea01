import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../manifest.ts';

/** What manifests name, and what content libraries take beside. */
export type HashAlgorithm = DigestAlgorithm | 'MD5';

/** Lower-case hex by algorithm. */
export type HashDigests = ReadonlyMap<HashAlgorithm, string>;

/** Digests of the first `size` bytes of a file, going on, here or in a thread. */
export interface Hashing {
  /** Bytes hashed, those included whose `update` has not resolved. */
  readonly size: () => number;
  /** Resolves when the bytes may be overwritten. Calls may overlap. */
  readonly update: (bytes: Uint8Array) => Promise<void>;
  /** Of the bytes so far; the state stays usable. */
  readonly digests: () => Promise<HashDigests>;
  readonly algorithms: ReadonlySet<HashAlgorithm>;
}

/** What a hash of a file is computed for, always with SHA-256: sessions show it. */
export function createHashing(algorithms: Iterable<HashAlgorithm> = []): Hashing {
  const hashes = new Map<HashAlgorithm, Hash>();
  for (const each of ['SHA256' as const, ...algorithms]) hashes.set(each, createHash(each));
  let size = 0;
  return {
    size: () => size,
    async update(bytes) {
      size += bytes.length;
      for (const hash of hashes.values()) hash.update(bytes);
    },
    digests: async () => new Map([...hashes].map(([algorithm, hash]) => [algorithm, hash.copy().digest('hex')])),
    algorithms: new Set(hashes.keys()),
  };
}
