import { SessionError } from '@ovfkit/domain';

/** How fast a client has to be. */
export interface PaceLimits {
  /** Silence that ends a body. */
  readonly stallTimeoutMs: number;
  /** Bytes a second, on average over the time spent waiting for the client. */
  readonly minimumRate: number;
  /** From the first byte to the last. */
  readonly totalMs: number;
}

/** Watches one body. Time in which the client waits for us does not count against its rate. */
export interface Pace {
  /** How long the next wait may be, and the error it ends with. */
  patience(): { readonly ms: number; readonly error: () => SessionError };
  /** After a wait for the client, with the bytes it brought. @throws SessionError TIMED_OUT */
  moved(bytes: number, waitedMs: number): void;
}

// long enough for any hiccup of a network, short enough that slow ones do not pile up
const windowMs = 30_000;

const timedOut = (text: string): SessionError => new SessionError('TIMED_OUT', text);

/** Starts now. */
export function createPace({ stallTimeoutMs, minimumRate, totalMs }: PaceLimits): Pace {
  const endsAt = performance.now() + totalMs;
  const tooLong = () => timedOut(`The body was not over after ${totalMs / 1000} seconds.`);
  let waited = 0;
  let arrived = 0;
  return {
    patience() {
      const left = Math.max(0, endsAt - performance.now());
      if (left < stallTimeoutMs) return { ms: left, error: tooLong };
      return {
        ms: stallTimeoutMs,
        error: () => timedOut(`No bytes arrived for ${stallTimeoutMs / 1000} seconds.`),
      };
    },
    moved(bytes, waitedMs) {
      if (performance.now() >= endsAt) throw tooLong();
      waited += waitedMs;
      arrived += bytes;
      if (waited < windowMs) return;
      if (arrived < (minimumRate * waited) / 1000)
        throw timedOut(`Fewer than ${minimumRate} bytes a second arrived, the least that is taken.`);
      waited = 0;
      arrived = 0;
    },
  };
}
