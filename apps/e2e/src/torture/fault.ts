import type { Random } from './random.ts';

/**
 * What passes the proxy: calls are JSON, uploads and downloads are bytes of files. Nothing happens to a logout: whoever is killed then has
 * done its work, and is not run again.
 */
export type Traffic = 'call' | 'upload' | 'download' | 'logout';

export type Direction = 'request' | 'response';

/** Who is killed. */
export type Victim = 'client' | 'service';

/** One thing that goes wrong with one request. `at` is a part of the body, from 0 (nothing of it has passed) to 1 (all of it has). */
export type Fault =
  | { readonly kind: 'cut'; readonly direction: Direction; readonly at: number }
  | { readonly kind: 'stall'; readonly direction: Direction; readonly at: number; readonly ms: number }
  /** From here on no byte and no end of it: the peer is gone, and nobody says so. Until a side gives up. */
  | { readonly kind: 'silence'; readonly direction: Direction; readonly at: number }
  | { readonly kind: 'slow'; readonly direction: Direction; readonly bytesPerSecond: number }
  | { readonly kind: 'kill'; readonly direction: Direction; readonly at: number; readonly victim: Victim }
  /** One bit is another. */
  | { readonly kind: 'corrupt'; readonly direction: Direction; readonly at: number }
  /** The answer ends early and looks whole. */
  | { readonly kind: 'truncate'; readonly at: number }
  /** The answer comes later than those to requests after it. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** The server sees the request twice, the client the second answer. */
  | { readonly kind: 'duplicate' }
  /** The server never sees the request. */
  | { readonly kind: 'refuse'; readonly status: 401 | 503; readonly retryAfter?: string }
  /** The server does what it is asked, and the client is told otherwise. */
  | { readonly kind: 'deny'; readonly status: 500 };

/** A fault and the request it happens to: the `nth` of its traffic, from 0. */
export interface PlannedFault {
  readonly on: Traffic;
  readonly nth: number;
  readonly fault: Fault;
}

/** How many requests of each traffic there may be; faults are planned for these. */
export type Expected = Readonly<Partial<Record<Traffic, number>>>;

const directions = ['request', 'response'] as const;

function anyFault(random: Random, on: Traffic): Fault {
  const direction = random.pick(directions);
  // both ends matter more than the middle: nothing has passed yet, everything has
  const at = random.pick([0, 1, random.fraction()]);
  // where bytes of files flow
  const main = on === 'upload' ? 'request' : on === 'download' ? 'response' : direction;
  return random.pick<() => Fault>([
    () => ({ kind: 'cut', direction, at }),
    () => ({ kind: 'cut', direction: main, at: random.fraction() }),
    () => ({ kind: 'stall', direction: main, at, ms: random.between(100, 2_000) }),
    () => ({ kind: 'silence', direction: main, at }),
    () => ({ kind: 'slow', direction: main, bytesPerSecond: random.between(20_000, 2_000_000) }),
    () => ({ kind: 'kill', direction, at, victim: 'client' }),
    () => ({ kind: 'kill', direction: main, at: random.fraction(), victim: 'client' }),
    () => ({ kind: 'kill', direction, at, victim: 'service' }),
    () => ({ kind: 'kill', direction: main, at: random.fraction(), victim: 'service' }),
    () => ({ kind: 'truncate', at: random.fraction() }),
    () => ({ kind: 'delay', ms: random.between(50, 1_000) }),
    () => ({ kind: 'duplicate' }),
    () => ({ kind: 'refuse', status: 401 }),
    () => ({ kind: 'refuse', status: 503 }),
    () => ({ kind: 'refuse', status: 503, retryAfter: String(random.between(0, 2)) }),
    () => ({ kind: 'deny', status: 500 }),
    // a wrong bit of JSON may be another right value, and nobody can know
    ...(on === 'call' ? [] : [() => ({ kind: 'corrupt', direction: main, at: random.fraction() }) as const]),
  ])();
}

/** Up to eight faults, spread over the requests that are expected. */
export function planFaults(random: Random, expected: Expected): readonly PlannedFault[] {
  const traffics = (['call', 'upload', 'download'] as const).filter((on) => (expected[on] ?? 0) > 0);
  const [first = 'call', ...others] = traffics;
  return Array.from({ length: random.between(0, 8) }, () => {
    const on = random.pick([first, ...others]);
    return { on, nth: random.between(0, (expected[on] ?? 1) - 1), fault: anyFault(random, on) };
  });
}
