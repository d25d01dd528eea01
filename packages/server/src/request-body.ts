import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '@ovfkit/domain';
import { createPace, type Pace, type PaceLimits } from './pace.ts';

export interface RequestBody {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What is slower ends with TIMED_OUT. */
  readonly pace: PaceLimits;
}

// what waits in memory for a reader that is slower than the wire
const queuedBytes = 1024 * 1024;

/**
 * The body as it arrives, read once. A client that sent `Expect: 100-continue` is told to go on when the first chunk is
 * asked for, so a refusal before that costs it nothing. Stopping early leaves the connection usable for the answer.
 * @throws SessionError RESOURCE_INACCESSIBLE when the connection breaks, after every byte that came; TIMED_OUT
 */
export async function* requestBytes({ request, response, pace: limits }: RequestBody): AsyncGenerator<Uint8Array> {
  // not the stream's own iterator: that one joins what it has buffered, which copies every byte once more
  const inbox = createInbox(request);
  const pace = createPace(limits);
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  try {
    for (;;) {
      const chunk = inbox.take();
      if (chunk !== undefined) yield chunk;
      else if (inbox.isDone()) return;
      else await inbox.arrival(pace);
    }
  } finally {
    inbox.close();
  }
}

function createInbox(request: IncomingMessage) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let state: 'open' | 'ended' | 'broken' = request.readableEnded ? 'ended' : request.destroyed ? 'broken' : 'open';
  let wake = () => {};
  const onData = (chunk: Uint8Array) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= queuedBytes) request.pause();
    wake();
  };
  const onEnd = () => {
    state = 'ended';
    wake();
  };
  const onBreak = () => {
    if (state === 'open') state = 'broken';
    wake();
  };
  request.on('data', onData).on('end', onEnd).on('close', onBreak).on('error', onBreak).resume();
  return {
    take(): Uint8Array | undefined {
      const chunk = chunks.shift();
      size -= chunk?.length ?? 0;
      if (size < queuedBytes && request.isPaused()) request.resume();
      return chunk;
    },
    isDone(): boolean {
      if (state === 'broken')
        throw new SessionError('RESOURCE_INACCESSIBLE', 'The connection broke off before the body ended.');
      return state === 'ended';
    },
    /** Resolves when there is something to take or to learn. */
    async arrival(pace: Pace): Promise<void> {
      const { ms, error } = pace.patience();
      const startedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;
      try {
        await new Promise<void>((resolve, reject) => {
          timer = setTimeout(() => reject(error()), ms);
          wake = resolve;
        });
      } finally {
        clearTimeout(timer);
      }
      if (state === 'open') pace.moved(size, performance.now() - startedAt);
    },
    close(): void {
      request.off('data', onData).off('end', onEnd).off('close', onBreak).pause();
    },
  };
}
