/** Lets one work at a time, in the order in which they came. Work that waits for work of its own queue would wait for ever. */
export interface Turns {
  take<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** A queue within one process. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(work) {
      const mine = last.then(work);
      // a failure is its own caller's
      last = mine.catch(() => {});
      return mine;
    },
  };
}

/** As `Turns`, but for each of many things: works that name none in common do not wait for each other. */
export interface TurnsByKey {
  take<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** Queues within one process. All turns of a work are asked for at once, so none waits for another in a circle. */
export function createTurnsByKey(): TurnsByKey {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(keys, work) {
      const own = new Set(keys);
      const mine = Promise.all([...own].flatMap((key) => last.get(key) ?? [])).then(work);
      const over = mine
        .catch(() => {})
        .then(() => {
          for (const key of own) if (last.get(key) === over) last.delete(key);
        });
      for (const key of own) last.set(key, over);
      return mine;
    },
  };
}
