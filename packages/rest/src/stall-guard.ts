import { SessionError } from '@ovfkit/domain';
import { placeOf } from './errors.ts';

/** Ends a transfer on which the network moves nothing: a limit on silence, not on the whole. */
export interface StallGuard {
  /** Aborts on a stall and with the caller's signal. */
  readonly signal: AbortSignal;
  /** From now on the network is waited for; called again, the time starts anew. */
  watch(): void;
  /** From now on the other side of the pipe is waited for, however long it takes. */
  rest(): void;
}

/** `stallTimeoutMs` of silence abort with TIMED_OUT. Unneeded guards cost nothing: their timer keeps no process alive. */
export function createStallGuard({
  url,
  stallTimeoutMs,
  signal,
}: {
  readonly url: URL;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}): StallGuard {
  const controller = new AbortController();
  let isWatching = true;
  const timer = setTimeout(() => {
    if (!isWatching) return;
    const text = `No byte moved between here and ${placeOf(url)} for ${stallTimeoutMs / 1000} s. Check the network; the transfer can be taken up again.`;
    controller.abort(new SessionError('TIMED_OUT', text, { data: { code: 'STALLED', host: url.hostname } }));
  }, stallTimeoutMs).unref();
  return {
    signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
    watch() {
      isWatching = true;
      timer.refresh();
    },
    rest() {
      isWatching = false;
    },
  };
}
