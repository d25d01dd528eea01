/** Works through `items` in their order, up to `limit` at once. The first failure stops the others, and is thrown when they have. */
export async function atOnce<Item>(
  items: readonly Item[],
  {
    limit,
    signal,
    work,
  }: {
    readonly limit: number;
    readonly signal: AbortSignal;
    readonly work: (item: Item, signal: AbortSignal) => Promise<void>;
  },
): Promise<void> {
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      stop.throwIfAborted();
      await work(item, stop);
    }
  };
  const workers = Array.from({ length: Math.min(limit, items.length) }, () =>
    worker().catch((error: unknown) => failed.abort(error)),
  );
  await Promise.all(workers);
  if (failed.signal.aborted) throw failed.signal.reason;
  signal.throwIfAborted();
}
