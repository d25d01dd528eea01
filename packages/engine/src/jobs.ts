/** What goes on for sessions right now in this process: effects in the background, uploads in the foreground. */
export interface Jobs {
  /** Starts `work` for `key` and returns; a rejection is reported, never thrown. */
  run(key: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Does `work` for `key` and hands its result on. */
  during<Result>(key: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  isBusy(key: string): boolean;
  /** All that are busy. */
  keys(): readonly string[];
  /** Resolves when nothing goes on for `key` any more, what its jobs began included. */
  idle(key: string): Promise<void>;
  /** Aborts everything of `key` with `reason`; resolves when all of it has ended, also what was being stopped already. */
  stop(key: string, reason: unknown): Promise<void>;
  /** Aborts everything and begins nothing more; resolves when all has ended. */
  close(reason: unknown): Promise<void>;
}

interface Group {
  readonly controller: AbortController;
  readonly pending: Set<Promise<unknown>>;
}

/** Jobs of one process; `onError` is told what background work rejects with. */
export function createJobs(onError: (error: unknown, where: string) => void): Jobs {
  const groups = new Map<string, Group>();
  const endings = new Map<string, Promise<unknown>>();
  let closing: { readonly reason: unknown } | undefined;

  const groupOf = (key: string): Group => {
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group = { controller: new AbortController(), pending: new Set<Promise<unknown>>() };
    groups.set(key, group);
    return group;
  };

  const during = async <Result>(key: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> => {
    if (closing !== undefined) throw closing.reason;
    const group = groupOf(key);
    const running = work(group.controller.signal);
    group.pending.add(running);
    try {
      return await running;
    } finally {
      group.pending.delete(running);
      if (group.pending.size === 0 && groups.get(key) === group) groups.delete(key);
    }
  };

  const stop = async (key: string, reason: unknown): Promise<void> => {
    const group = groups.get(key);
    if (group !== undefined) {
      groups.delete(key);
      group.controller.abort(reason);
      keepUntilOver(endings, { key, ending: Promise.allSettled([endings.get(key), ...group.pending]) });
    }
    await endings.get(key);
  };

  return {
    run(key, work) {
      // what is not begun any more is begun by the next engine
      if (closing !== undefined) return;
      during(key, work).catch((error: unknown) => onError(error, key));
    },
    during,
    isBusy: (key) => groups.has(key),
    keys: () => [...groups.keys()],
    async idle(key) {
      for (let group = groups.get(key); group !== undefined; group = groups.get(key))
        await Promise.allSettled(group.pending);
    },
    stop,
    async close(reason) {
      closing = { reason };
      while (groups.size + endings.size > 0)
        await Promise.all([...groups.keys(), ...endings.keys()].map((key) => stop(key, reason)));
    },
  };
}

function keepUntilOver(
  endings: Map<string, Promise<unknown>>,
  { key, ending }: { readonly key: string; readonly ending: Promise<unknown> },
): void {
  endings.set(key, ending);
  void ending.then(() => {
    if (endings.get(key) === ending) endings.delete(key);
  });
}
