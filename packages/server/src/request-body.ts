import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';
import { createPace, type Pace, type PaceLimits } from './pace.ts';

export interface RequestBody {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What is slower ends with TIMED_OUT. */
  readonly pace: PaceLimits;
  /** Gives the memory of chunks, of exactly `size` bytes, with anything in it. */
  readonly allocate?: (size: number) => Uint8Array;
}

// what waits in memory for a reader that is slower than the wire; a chunk takes room of its own
const queuedBytes = 1024 * 1024;
const roomOfChunk = 128;
// A client cuts its chunks as it likes, down to a byte each: every one alone would be a turn of all that reads. A reader that is
// slower than the wire gets them all at once.
const joinedBytes = queuedBytes;
const worthATurn = 64 * 1024;

/**
 * The body as it arrives, read once. A client that sent `Expect: 100-continue` is told to go on when the first chunk is
 * asked for, so a refusal before that costs it nothing. Stopping early leaves the connection usable for the answer.
 * @throws SessionError RESOURCE_INACCESSIBLE when the connection breaks, after every byte that came; TIMED_OUT
 */
export async function* requestBytes({
  request,
  response,
  pace: limits,
  allocate = (size) => new Uint8Array(size),
}: RequestBody): AsyncGenerator<Uint8Array> {
  // not the stream's own iterator: that one joins what it has buffered, which copies every byte once more
  const inbox = createInbox(request, allocate);
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

type Allocate = (size: number) => Uint8Array;

/** Chunks in order, joined in memory from `allocate`. Taking one costs the same however many there are. */
function createQueue(allocate: Allocate) {
  let arrived: Uint8Array[] = [];
  let next: Uint8Array[] = []; // the first one last
  let size = 0;
  return {
    add(chunk: Uint8Array): void {
      arrived.push(chunk);
      size += chunk.length;
    },
    take(): Uint8Array | undefined {
      if (next.length === 0) [next, arrived] = [arrived.reverse(), []];
      const run: Uint8Array[] = [];
      let length = 0;
      for (let chunk = next.at(-1); chunk !== undefined; chunk = next.at(-1)) {
        if (run.length > 0 && length + chunk.length > joinedBytes) break;
        run.push(chunk);
        length += chunk.length;
        next.pop();
      }
      size -= length;
      return run.length > 0 ? join(run, allocate(length)) : undefined;
    },
    /** Bytes. */
    size: () => size,
    isFull: () => size + roomOfChunk * (arrived.length + next.length) >= queuedBytes,
  };
}

function join(chunks: readonly Uint8Array[], joined: Uint8Array): Uint8Array {
  let filled = 0;
  for (const chunk of chunks) {
    joined.set(chunk, filled);
    filled += chunk.length;
    free(chunk);
  }
  return joined;
}

/** Gives memory back at once that nobody else has a part of: a gigabyte of chunks a second would wait for the collector. */
function free({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

function createInbox(request: IncomingMessage, allocate: Allocate) {
  const queue = createQueue(allocate);
  let state: 'open' | 'ended' | 'broken' = request.readableEnded ? 'ended' : request.destroyed ? 'broken' : 'open';
  let wake = () => {};
  const onData = (chunk: Uint8Array) => {
    queue.add(chunk);
    if (queue.isFull()) request.pause();
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
      const chunk = queue.take();
      if (!queue.isFull() && request.isPaused()) request.resume();
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
      // the rest of what the wire brought at once comes in this turn
      if (queue.size() < worthATurn && state === 'open') await nextTurn();
      if (state === 'open') pace.moved(queue.size(), performance.now() - startedAt);
    },
    close(): void {
      request.off('data', onData).off('end', onEnd).off('close', onBreak).pause();
    },
  };
}
