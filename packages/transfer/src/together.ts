/** A piece of work that stops when its signal says so. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs tasks side by side; the first failure stops the others. Resolves or rejects (with that failure) only when all have ended, so
 * nothing reads a file that its owner has closed.
 */
export async function together(tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const both = AbortSignal.any([signal, controller.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await task(both);
      } catch (error) {
        failures.push(error);
        controller.abort(error);
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}

/** `work` on every item, in their order, at most `concurrency` at once. */
export async function forEachOf<Item>(
  items: readonly Item[],
  {
    concurrency,
    signal,
    work,
  }: {
    readonly concurrency: number;
    readonly signal: AbortSignal;
    readonly work: (item: Item, signal: AbortSignal) => Promise<void>;
  },
): Promise<void> {
  const queue = items.values();
  const worker: Task = async (both) => {
    for (const item of queue) {
      both.throwIfAborted();
      await work(item, both);
    }
  };
  await together(new Array(Math.min(concurrency, items.length)).fill(worker), signal);
}
