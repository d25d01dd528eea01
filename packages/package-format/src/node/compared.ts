import { PackageError } from '../errors.ts';
import type { DigestAlgorithm, ManifestEntry } from '../manifest.ts';
import { digested } from './digest.ts';

/** Told of a digest that differs from the manifest. */
export type OnMismatch = (entry: ManifestEntry, actual: string) => void;

/** What is expected of bytes, and what to learn about them. */
export interface Comparison {
  /** What the manifest says of them. */
  readonly stated: readonly ManifestEntry[];
  /** Called in place of refusing bytes whose digest differs. */
  readonly onMismatch?: OnMismatch | undefined;
  /** A digest to learn, besides. */
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly onDigest?: ((digest: string) => void) | undefined;
}

/**
 * Passes bytes through and compares their digests with the manifest when all of them went by.
 * @throws PackageError DIGEST_MISMATCH
 */
export async function* compared(
  bytes: AsyncIterable<Uint8Array>,
  { stated, onMismatch, algorithm, onDigest }: Comparison,
): AsyncGenerator<Uint8Array, void, undefined> {
  const algorithms = [...stated.map((entry) => entry.algorithm), ...(algorithm === undefined ? [] : [algorithm])];
  let size = 0;
  const whole = digested(bytes, algorithms, (digests) => {
    for (const entry of stated) {
      const actual = digests.get(entry.algorithm) ?? '';
      if (actual === entry.digest) continue;
      if (onMismatch === undefined) throw digestMismatch(entry, { actual, size });
      onMismatch(entry, actual);
    }
    if (algorithm !== undefined) onDigest?.(digests.get(algorithm) ?? '');
  });
  for await (const chunk of whole) {
    size += chunk.length;
    yield chunk;
  }
}

/** The error of a file that is not the one the manifest means. */
export function digestMismatch(
  { name, algorithm, digest }: ManifestEntry,
  { actual, size }: { readonly actual: string; readonly size: number },
): PackageError {
  return new PackageError(
    'DIGEST_MISMATCH',
    `${name} does not match its digest: the manifest says ${algorithm} ${digest}, its ${size} bytes have ${actual}`,
    { file: name },
  );
}
