import { SessionError } from '@ovfkit/domain';

/**
 * Calls `touch` on a timer of its own while `work` runs, so that what is touched lives however slow the work is. What `touch` is refused
 * does not matter here: the work itself is told.
 */
export async function keepAlive<Result>(
  touch: () => Promise<void>,
  { everyMs }: { readonly everyMs: number },
  work: () => Promise<Result>,
): Promise<Result> {
  let touching: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    touching = touching.then(touch).catch((error: unknown) => {
      if (!(error instanceof SessionError)) throw error;
    });
  }, everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await touching.catch(() => undefined);
  }
}
