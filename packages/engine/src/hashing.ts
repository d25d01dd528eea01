import { createHashing, type HashAlgorithm, type Hashing } from '@ovfkit/package-format/node';

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
