import { createHash, type Hash } from 'node:crypto';
import type { DigestAlgorithm } from '../manifest.ts';

/** Digests in lower-case hexadecimal. */
export type Digests = ReadonlyMap<DigestAlgorithm, string>;

/** A digest being computed. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Lower-case hexadecimal of all bytes so far; ends the digest. */
  hex(): string;
}

const nodeNames: Readonly<Record<DigestAlgorithm, string>> = {
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA384: 'sha384',
  SHA512: 'sha512',
};

/** Starts a digest. */
export function createDigest(algorithm: DigestAlgorithm): Digest {
  const hash: Hash = createHash(nodeNames[algorithm]);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    hex: () => hash.digest('hex'),
  };
}

/**
 * Passes `bytes` through and digests them on the way. `onDone` is called once, after the last chunk was taken; not at
 * all when the source fails or the consumer stops.
 */
export async function* digested(
  bytes: AsyncIterable<Uint8Array>,
  algorithms: Iterable<DigestAlgorithm>,
  onDone: (digests: Digests) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digests = [...new Set(algorithms)].map((algorithm) => [algorithm, createDigest(algorithm)] as const);
  for await (const part of bytes) {
    for (const [, running] of digests) running.update(part);
    yield part;
  }
  onDone(new Map(digests.map(([algorithm, running]) => [algorithm, running.hex()])));
}

/** The digest of all `bytes`. */
export async function digest(bytes: AsyncIterable<Uint8Array>, algorithm: DigestAlgorithm): Promise<string> {
  const running = createDigest(algorithm);
  for await (const part of bytes) running.update(part);
  return running.hex();
}
