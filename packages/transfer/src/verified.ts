import { SessionError } from '@ovfkit/domain';
import type { DigestAlgorithm } from '@ovfkit/package-format';
import { createDigest } from '@ovfkit/package-format/node';

/** What the bytes of a file must come to. */
export interface ExpectedDigest {
  readonly algorithm: DigestAlgorithm;
  /** Lower-case hex. */
  readonly digest: string;
}

/**
 * Digests a file over several attempts at sending it: bytes that were counted once are not counted again.
 */
export interface Verifier {
  /** Bytes counted so far. */
  readonly position: number;
  /** Counts what `chunk`, which begins at `offset`, adds. `offset` is at most `position`. */
  take(chunk: Uint8Array, offset: number): void;
  /** @throws SessionError INVALID_ARGUMENT naming file, expected and actual digest; once all bytes were taken */
  check(): void;
  /** Lower-case hex, of what is computed; once `check` found everything right. */
  digest(algorithm: DigestAlgorithm): string | undefined;
}

/** What a verifier computes. */
export interface Verified {
  /** With nothing expected everything is right. */
  readonly expected: readonly ExpectedDigest[];
  /** Computed besides. */
  readonly also?: readonly DigestAlgorithm[];
}

/** Begins at the start of the file called `name`. */
export function createVerifier(name: string, { expected, also = [] }: Verified): Verifier {
  // session and manifest often say the same
  const algorithms = new Set([...expected.map(({ algorithm }) => algorithm), ...also]);
  const running = new Map([...algorithms].map((algorithm) => [algorithm, createDigest(algorithm)]));
  const results = new Map<DigestAlgorithm, string>();
  let position = 0;
  return {
    get position() {
      return position;
    },
    take(chunk, offset) {
      const fresh = offset === position ? chunk : chunk.subarray(Math.min(chunk.length, position - offset));
      if (fresh.length === 0) return; // sent again after all was counted
      for (const counter of running.values()) counter.update(fresh);
      position += fresh.length;
    },
    check() {
      for (const [algorithm, counter] of running) if (!results.has(algorithm)) results.set(algorithm, counter.hex());
      for (const { algorithm, digest } of expected) {
        const actual = results.get(algorithm) ?? '';
        if (actual !== digest) throw digestMismatch(name, { algorithm, expected: digest, actual });
      }
    },
    digest: (algorithm) => results.get(algorithm),
  };
}

/** The error of a file whose digest is not the one expected; the same facts are in `data`. */
export const digestMismatch = (
  name: string,
  found: { readonly algorithm: string; readonly expected: string; readonly actual: string },
): SessionError =>
  new SessionError(
    'INVALID_ARGUMENT',
    `${name} does not match its digest: expected ${found.algorithm} ${found.expected}, actual ${found.actual}. The file was changed or damaged; get it again from its source.`,
    { data: { file: name, ...found } },
  );

interface Counting {
  readonly verifier: Verifier;
  readonly offset: number;
}

/** Bytes of a file from `offset`, counted on the way. */
export async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { verifier, offset }: Counting,
): AsyncGenerator<Uint8Array, void, undefined> {
  let at = offset;
  for await (const chunk of bytes) {
    verifier.take(chunk, at);
    at += chunk.length;
    yield chunk;
  }
}

/**
 * Bytes of a file from `offset` to its end, verified on the way. One chunk is held back, so that a file with the wrong digest never gets there whole.
 */
export async function* verified(
  bytes: AsyncIterable<Uint8Array>,
  counting: Counting,
): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array | undefined;
  for await (const chunk of counted(bytes, counting)) {
    if (held !== undefined) yield held;
    held = chunk;
  }
  counting.verifier.check();
  if (held !== undefined) yield held;
}
