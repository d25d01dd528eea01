/** How many requests each client may send: a bucket of two seconds' worth, refilled all the time. */
export interface RequestRate {
  /** 0 when the request may pass; else the milliseconds until the next one may. */
  waitMs(client: string): number;
}

export interface RequestRateOptions {
  readonly perSecond: number;
  /** Milliseconds, never going back. */
  readonly clock: () => number;
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

const burstSeconds = 2;
// a sender of false addresses must not fill the memory; a bucket that is forgotten is full, so only the oldest go
const keptClients = 10_000;

/** Remembers the last ten thousand clients. */
export function createRequestRate({ perSecond, clock }: RequestRateOptions): RequestRate {
  const buckets = new Map<string, Bucket>();
  const full = perSecond * burstSeconds;
  return {
    waitMs(client) {
      if (perSecond === Number.POSITIVE_INFINITY) return 0;
      const at = clock();
      const before = buckets.get(client);
      const level = before === undefined ? full : Math.min(full, before.left + ((at - before.at) / 1000) * perSecond);
      const isFine = level >= 1;
      buckets.delete(client);
      buckets.set(client, { left: isFine ? level - 1 : level, at });
      const [oldest] = buckets.keys();
      if (buckets.size > keptClients && oldest !== undefined) buckets.delete(oldest);
      return isFine ? 0 : ((1 - level) / perSecond) * 1000;
    },
  };
}
