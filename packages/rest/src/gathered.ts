import { finished, type Readable } from 'node:stream';
import type { ChunkMemory } from '@ovfkit/domain';
import { toSessionError } from './errors.ts';
import type { StallGuard } from './stall-guard.ts';

const chunkSize = 1024 * 1024;
/** A chunk that takes longer is handed on as it is: a slow transfer is seen to move, and what came is kept. */
const longestMs = 100;

export interface Gathering {
  readonly memory: ChunkMemory;
  /** Bytes of the body before those that are wanted; none when absent. */
  readonly skip?: number | undefined;
  /** How many are wanted then; all that come when absent. */
  readonly size?: number | undefined;
  /** Watches the network while it is waited for. */
  readonly guard: StallGuard;
  /** Where the body comes from, as errors name it. */
  readonly url: URL;
}

/**
 * The bytes of a body, whose pieces are nobody else's, in chunks of `memory`, the next one being filled while one is used: the network brings 16 to 64 KiB at a time, and each piece costs
 * whoever asks for it as much as a large one. What came before a failure is handed on before it. Whoever stops early closes the transfer.
 */
export async function* gathered(body: Readable, gathering: Gathering): AsyncGenerator<Uint8Array, void, undefined> {
  const filling = createFilling(gathering);
  const flow = createFlow(body, { ...gathering, filling });
  try {
    flow.go();
    for (;;) {
      await flow.untilReady();
      const chunk = filling.next();
      if (chunk === undefined) break;
      flow.go(); // while the chunk is used
      yield chunk;
    }
    flow.end();
  } finally {
    flow.stop();
  }
}

type Filling = ReturnType<typeof createFilling>;

/** Chunks that pieces are copied into. */
function createFilling({ memory, skip = 0, size = Number.MAX_SAFE_INTEGER }: Gathering) {
  const full: Uint8Array[] = [];
  let chunk: Uint8Array = new Uint8Array();
  let filled = 0;
  let unwanted = skip;
  let left = size;
  return {
    hasFull: () => full.length > 0,
    hasSome: () => filled > 0,
    /** False for one that has bytes beyond those that are wanted. */
    take(bytes: Uint8Array): boolean {
      const skipped = Math.min(unwanted, bytes.length);
      unwanted -= skipped;
      const piece = bytes.subarray(skipped, skipped + left);
      left -= piece.length;
      for (let taken = 0; taken < piece.length; ) {
        if (filled === 0) chunk = memory.allocate(Math.min(chunkSize, piece.length - taken + left));
        const part = piece.subarray(taken, taken + chunk.length - filled);
        chunk.set(part, filled);
        taken += part.length;
        filled += part.length;
        if (filled === chunk.length) {
          full.push(chunk);
          filled = 0;
        }
      }
      return skipped + piece.length === bytes.length;
    },
    /** The first that is full, or what has come of one. */
    next(): Uint8Array | undefined {
      if (full.length > 0 || filled === 0) return full.shift();
      const part = chunk.subarray(0, filled);
      filled = 0;
      return part;
    },
  };
}

/** The body, which flows until a chunk is full. */
function createFlow(body: Readable, { guard, url, filling }: Gathering & { readonly filling: Filling }) {
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  let wake = (): void => {};
  const late = createDeadline(() => wake());
  const over = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    if (error) failure = { error };
    guard.rest();
    late.clear();
    wake();
  };
  const stop = (): void => {
    over();
    // nobody wants the rest, nor to hear that it does not come
    if (!body.destroyed) body.on('error', () => undefined).destroy();
  };
  const onPiece = (piece: Uint8Array): void => {
    if (isOver) return;
    guard.watch();
    const isWanted = filling.take(piece);
    queueMicrotask(() => free(piece)); // whoever hands it out looks at it once more
    if (!isWanted) stop();
    else if (filling.hasFull()) {
      body.pause();
      guard.rest();
      wake();
    } else late.start();
  };
  finished(body, { writable: false }, over);
  body.on('data', onPiece);
  return {
    go(): void {
      if (isOver || filling.hasFull()) return;
      late.clear();
      if (filling.hasSome()) late.start();
      guard.watch();
      body.resume();
    },
    /** Resolves when a chunk is full, or something came and not more for a while, or nothing more comes. */
    async untilReady(): Promise<void> {
      while (!isOver && !filling.hasFull() && !(late.isOver() && filling.hasSome()))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    /** Throws what the body ended with. */
    end(): void {
      if (failure !== undefined) throw guard.signal.aborted ? guard.signal.reason : toSessionError(failure.error, url);
    },
    stop,
  };
}

/** Gives memory back at once that nobody else has a part of: a gigabyte of pieces a second would wait for the collector. */
function free({ buffer, length }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

/** How long a chunk is waited for, from its first bytes on. */
function createDeadline(onOver: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  return {
    isOver: () => isOver,
    start(): void {
      timer ??= setTimeout(() => {
        isOver = true;
        onOver();
      }, longestMs);
    },
    clear(): void {
      clearTimeout(timer);
      timer = undefined;
      isOver = false;
    },
  };
}
