/** How an attempt to log in ended: who it was, nobody, or not even tried because too many failed before. */
export type Attempt<Who> =
  | { readonly outcome: 'accepted'; readonly who: Who }
  | { readonly outcome: 'rejected' }
  | { readonly outcome: 'tooMany'; readonly retryAfterMs: number };

/** Slows down the guessing of passwords, per key. */
export interface LoginLimit {
  /**
   * Runs `verify` unless the key has to wait. Attempts of one key run one after another, so that guesses sent all at
   * once count as well as guesses sent in a row.
   */
  attempt<Who>(key: string, verify: () => Promise<Who | undefined>): Promise<Attempt<Who>>;
}

export interface LoginLimitOptions {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Failures in a row that cost nothing. */
  readonly freeFailures?: number;
  /** The wait after the next failure; it doubles with each one more. */
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
}

interface Failures {
  readonly count: number;
  readonly waitUntil: number;
}

// a guesser of user names must not fill the memory
const keptKeys = 10_000;
const waitingPerKey = 64;

/** Remembers failures in memory: the last ten thousand keys. */
export function createLoginLimit({
  clock,
  freeFailures = 5,
  firstWaitMs = 1_000,
  longestWaitMs = 60_000,
}: LoginLimitOptions): LoginLimit {
  const failures = new Map<string, Failures>();
  const queues = new Map<string, { readonly tail: Promise<unknown>; readonly length: number }>();

  function fail(key: string): void {
    const count = (failures.get(key)?.count ?? 0) + 1;
    const wait = count <= freeFailures ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** (count - freeFailures - 1));
    failures.delete(key);
    failures.set(key, { count, waitUntil: clock() + wait });
    const [oldest] = failures.keys();
    if (failures.size > keptKeys && oldest !== undefined) failures.delete(oldest);
  }

  async function attemptNow<Who>(key: string, verify: () => Promise<Who | undefined>): Promise<Attempt<Who>> {
    const retryAfterMs = (failures.get(key)?.waitUntil ?? 0) - clock();
    if (retryAfterMs > 0) return { outcome: 'tooMany', retryAfterMs };
    const who = await verify();
    if (who === undefined) {
      fail(key);
      return { outcome: 'rejected' };
    }
    failures.delete(key);
    return { outcome: 'accepted', who };
  }

  return {
    async attempt(key, verify) {
      const before = queues.get(key) ?? { tail: Promise.resolve(), length: 0 };
      if (before.length >= waitingPerKey) return { outcome: 'tooMany', retryAfterMs: firstWaitMs };
      const result = before.tail.then(() => attemptNow(key, verify));
      const tail = result.then(
        () => {},
        () => {}, // the failure is this caller's, not the next one's
      );
      queues.set(key, { tail, length: before.length + 1 });
      try {
        return await result;
      } finally {
        const left = queues.get(key);
        if (left?.tail === tail) queues.delete(key);
        else if (left) queues.set(key, { ...left, length: left.length - 1 });
      }
    },
  };
}
