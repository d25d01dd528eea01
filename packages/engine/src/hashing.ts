import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '@ovfkit/package-format';

/** What manifests name, and what content libraries take beside. */
export type HashAlgorithm = DigestAlgorithm | 'MD5';

/** Digests of the first `size` bytes of a file, going on. */
export interface Hashing {
  /** Bytes hashed, those included whose `update` has not resolved. */
  readonly size: () => number;
  /** Resolves when the bytes may be overwritten. Calls may overlap. */
  readonly update: (bytes: Uint8Array) => Promise<void>;
  /** Lower-case hex by algorithm; the state stays usable. */
  readonly digests: () => Promise<Digests>;
  readonly algorithms: ReadonlySet<HashAlgorithm>;
}

export type Digests = ReadonlyMap<HashAlgorithm, string>;

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

/** Passes bytes through and hashes them while whoever takes them works on them. */
export async function* hashed(bytes: AsyncIterable<Uint8Array>, hashing: Hashing): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    const counted = hashing.update(chunk);
    yield chunk;
    await counted;
  }
}

/** The digests of bytes that are kept already. */
export async function hashAll(bytes: AsyncIterable<Uint8Array>, algorithms: Iterable<HashAlgorithm>): Promise<Hashing> {
  const hashing = createHashing(algorithms);
  for await (const chunk of bytes) await hashing.update(chunk);
  return hashing;
}

/**
 * The digest of an unfinished upload, by blob key, so that going on does not read what is there already. Only the last
 * thousand are kept: a client may leave any number of files unfinished.
 */
export interface HashMemory {
  take(key: string): Hashing | undefined;
  keep(key: string, hashing: Hashing): void;
  delete(key: string): void;
}

const remembered = 1000;

/** A memory of one process. */
export function createHashMemory(): HashMemory {
  const states = new Map<string, Hashing>();
  return {
    take(key) {
      const state = states.get(key);
      states.delete(key);
      return state;
    },
    keep(key, hashing) {
      states.set(key, hashing);
      const [oldest] = states.keys();
      if (states.size > remembered && oldest !== undefined) states.delete(oldest);
    },
    delete: (key) => void states.delete(key),
  };
}
