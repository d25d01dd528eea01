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
