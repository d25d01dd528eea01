import { SessionError } from '@ovfkit/domain';
import type { VimClient } from '@ovfkit/vsphere';

/** The longest that a server waits on purpose before it answers is 20 s. */
const silenceMs = 25_000;

interface Impatience {
  /** Aborts when somebody waits for the command to end. */
  readonly signal: AbortSignal;
  readonly withinMs?: number | undefined;
}

/**
 * A client for commands that clean up when they are interrupted: from then on a server that leaves a call without an answer for so long is
 * given up, and with it every call that follows. What stays there ends with its lease, and is found by the next command.
 */
export function impatientVim(vim: VimClient, { signal, withinMs = silenceMs }: Impatience): VimClient {
  const givenUp = new AbortController();
  const waiting = new Set<() => void>();
  const giveUp = (): void =>
    givenUp.abort(new SessionError('TIMED_OUT', `${vim.url.host} has not answered for ${withinMs / 1000} s.`));
  const watchAll = (): void => {
    for (const watch of waiting) watch();
  };
  signal.addEventListener('abort', watchAll, { once: true });
  return {
    ...vim,
    async call(method, call) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const watch = (): void => {
        timer = setTimeout(giveUp, withinMs);
      };
      if (signal.aborted) watch();
      waiting.add(watch);
      const ends = call.signal === undefined ? givenUp.signal : AbortSignal.any([call.signal, givenUp.signal]);
      try {
        return await vim.call(method, { ...call, signal: ends });
      } finally {
        clearTimeout(timer);
        waiting.delete(watch);
      }
    },
  };
}
