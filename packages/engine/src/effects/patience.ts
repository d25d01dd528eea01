import { SessionError } from '@ovfkit/domain';
import { delay } from '../byte-stream.ts';
import type { Core } from '../core.ts';

const away: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'RESOURCE_INACCESSIBLE']);

/**
 * Does what only looks at the inventory, and where that is away for now waits for it: as long as a session lives that nobody uses, for what
 * was received must not be lost to a restart somewhere else. @throws SessionError as `look`; the signal's reason
 */
export async function withPatience<Result>(
  { clock, idleTimeoutMs, storeRetryMs }: Core,
  { signal, look }: { readonly signal: AbortSignal; readonly look: () => Promise<Result> },
): Promise<Result> {
  const end = clock() + idleTimeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof SessionError) || !away.has(error.kind) || clock() > end) throw error;
      await delay(storeRetryMs, signal);
    }
  }
}
