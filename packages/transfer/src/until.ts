import { pause } from './retry.ts';

/** How often is asked: first after `firstMs`, then less and less often, at least every `maxMs`. */
export interface Polling {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Asks at once and then again until `isDone`; resolves to the last answer. Errors of `ask` end it.
 * @throws the signal's reason
 */
export async function until<Value>(
  ask: () => Promise<Value>,
  {
    isDone,
    poll,
    signal,
  }: { readonly isDone: (value: Value) => boolean; readonly poll: Polling; readonly signal: AbortSignal },
): Promise<Value> {
  for (let waitMs = poll.firstMs; ; waitMs = Math.min(poll.maxMs, waitMs * 1.5)) {
    const value = await ask();
    if (isDone(value)) return value;
    await pause(waitMs, signal);
  }
}
