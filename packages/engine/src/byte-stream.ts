import { SessionError } from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';

/** No bytes. */
export async function* noBytes(): AsyncGenerator<Uint8Array> {}

/** The bytes of a text in UTF-8. */
export async function* textBytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/**
 * The same bytes, until `signal` aborts: then it rejects with the reason at once, even while the source is silent, and
 * lets the source go.
 */
export async function* abortable(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const next = await orAbort(() => iterator.next(), signal);
      if (next.done === true) {
        isOver = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // not awaited: a source that waits for its next chunk would answer only after it
    if (!isOver) iterator.return?.()?.catch(() => {});
  }
}

/** One listener per call, taken off again: racing one promise of the signal would gather a reaction for every chunk. */
function orAbort<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Passes bytes through and says with each chunk how many came in all; waits for `onBytes`. */
export async function* observed(
  bytes: AsyncIterable<Uint8Array>,
  onBytes: (total: number) => Promise<void> | void,
): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    await onBytes(total);
    yield chunk;
  }
}

/** @throws SessionError INVALID_ARGUMENT before the first byte beyond `size` is handed on */
export async function* atMost(
  bytes: AsyncIterable<Uint8Array>,
  { size, name }: { readonly size: number; readonly name: string },
): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0) throw new SessionError('INVALID_ARGUMENT', `${name} is longer than the size that was given for it.`);
    yield chunk;
  }
}

/** The bytes of a text that is read whole later. @throws PackageError TOO_LARGE before the first byte beyond `size` is handed on */
export async function* withinText(
  bytes: AsyncIterable<Uint8Array>,
  { size, name }: { readonly size: number; readonly name: string },
): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of bytes) {
    left -= chunk.length;
    if (left < 0) throw textTooLarge(name);
    yield chunk;
  }
}

/** Descriptors, manifests, certificates and bundles have a limit, and no other file. */
export const textTooLarge = (name: string): PackageError =>
  new PackageError('TOO_LARGE', `${name} is larger than a text of a package may be`, { file: name });

/** Waits, or rejects with the signal's reason. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return orAbort(() => passed, signal).finally(() => clearTimeout(timer));
}
