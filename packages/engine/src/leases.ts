import { type LeaseTable, SessionError } from '@ovfkit/domain';
import { delay } from './byte-stream.ts';

/** Work whose `signal` aborts when it is to be stopped, and when its lease was lost. */
type Work = (signal: AbortSignal) => Promise<void>;

interface Held {
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Work that only one process at a time does. */
export interface Leases {
  /**
   * Does `work` when this process has the lease of `key`, waiting for whoever has it now, and keeps the lease meanwhile. A
   * work whose lease was lost is aborted: another may have begun it.
   * @throws errors of `work` and of the table; the reason of `signal` while it waits
   */
  hold(what: Held, work: Work): Promise<void>;
  /** The keys whose holder died with work undone. */
  ended(): Promise<readonly string[]>;
  /** Forgets a key that nobody has work for. */
  forget(key: string): Promise<void>;
}

interface LeaseOptions {
  readonly table: LeaseTable;
  readonly clock: () => number;
  /** This process, and no other one or earlier one. */
  readonly holder: string;
  readonly lengthMs: number;
}

/** Leases of one process. Several works of a key in this process share its lease. */
export function createLeases({ table, clock, holder, lengthMs }: LeaseOptions): Leases {
  const works = new Map<string, number>();
  const count = (key: string, change: number): number => {
    const left = (works.get(key) ?? 0) + change;
    if (left === 0) works.delete(key);
    else works.set(key, left);
    return left;
  };
  const take = (key: string): Promise<boolean> => table.take({ key, holder, now: clock(), lengthMs });
  const everyMs = lengthMs / 3;

  async function holding({ key, signal }: Held, work: Work): Promise<void> {
    while (!(await take(key))) await delay(everyMs, signal);
    const lost = new AbortController();
    let keptAt = clock();
    const renew = async () => {
      const isTaken = await take(key).catch(() => undefined); // a store that is away for a while
      // well before its end, so that the work has stopped when another begins it
      if (isTaken === true) keptAt = clock();
      else if (isTaken === false || clock() - keptAt > lengthMs / 2)
        lost.abort(new SessionError('CONCURRENT_CHANGE', `The lease of ${key} was lost.`));
    };
    const timer = setInterval(() => void renew(), everyMs).unref();
    try {
      await work(AbortSignal.any([signal, lost.signal]));
    } finally {
      clearInterval(timer);
    }
  }

  return {
    async hold({ key, signal }, work) {
      count(key, 1);
      try {
        await holding({ key, signal }, work);
      } finally {
        // one that cannot be given back ends by itself
        if (count(key, -1) === 0) await table.release({ key, holder }).catch(() => {});
      }
    },
    ended: async () => (await table.ended({ now: clock(), lengthMs })).filter((key) => !works.has(key)),
    forget: async (key) => {
      if (await take(key)) await table.release({ key, holder });
    },
  };
}
