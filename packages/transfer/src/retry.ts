import { setTimeout as sleep } from 'node:timers/promises';
import { errorKinds, SessionError } from '@ovfkit/domain';

/** Whether the same may succeed later without being changed. */
export const isRetryable = (error: unknown): error is SessionError =>
  error instanceof SessionError && errorKinds[error.kind].retryable;

const firstMs = 500;
const maxMs = 8_000;
/** Where each try is long, as on a line that swallows everything, or is made of tries itself. */
const patienceMs = 5 * 60_000;

/** Doubles from 0.5 s to 8 s with every failure; half of it is chance, so that many transfers do not come back at once. */
export function backOff(failures: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + Math.random() * (full / 2));
}

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Counts failures in a row; what moves something on starts the count anew. */
export interface Patience {
  /** Waits before the next try. @throws the error itself when it is not worth another, or was the last */
  failed(error: unknown): Promise<void>;
  moved(): void;
}

/** Put up with nothing yet; `onRetry` is told before each wait. */
export function createPatience({
  retries,
  forMs = patienceMs,
  signal,
  onRetry,
}: {
  /** Failures in a row that are put up with. */
  readonly retries: number;
  /** What comes so long after the first of them is not put up with; five minutes when absent. */
  readonly forMs?: number;
  readonly signal: AbortSignal;
  readonly onRetry: (notice: { readonly reason: SessionError; readonly inMs: number }) => void;
}): Patience {
  let failures = 0;
  let firstAt = 0;
  return {
    async failed(error) {
      signal.throwIfAborted();
      if (!isRetryable(error)) throw error;
      failures += 1;
      if (failures === 1) firstAt = performance.now();
      if (failures > retries || performance.now() - firstAt > forMs) throw error;
      const inMs = backOff(failures);
      onRetry({ reason: error, inMs });
      await pause(inMs, signal);
    },
    moved() {
      failures = 0;
    },
  };
}
