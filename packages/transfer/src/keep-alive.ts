import { SessionError } from '@ovfkit/domain';
import { pause } from './retry.ts';

/**
 * Calls `touch` on a timer of its own until the signal, so that a session lives however slow its bytes are. What `touch` is refused does not
 * matter here: the session's state tells.
 */
export async function keepAlive(
  touch: () => Promise<void>,
  { everyMs, signal }: { readonly everyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await pause(everyMs, signal);
      await touch();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof SessionError)) throw error;
    }
  }
}
