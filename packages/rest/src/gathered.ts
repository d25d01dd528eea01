import type { ChunkMemory } from '@ovfkit/domain';

const chunkSize = 1024 * 1024;
/** A chunk that takes longer is handed on as it is: a slow transfer is seen to move, and what came is kept. */
const longestMs = 100;

export interface Gathering {
  readonly memory: ChunkMemory;
  /** How many bytes will come, when that is known. */
  readonly size: number | undefined;
  /** Ends the source, which may be waited for, when nobody wants more of it. */
  readonly stop: () => void;
}

/**
 * The bytes in chunks of `memory`, the next one being filled while one is used: the network brings 16 to 64 KiB at a time, and each chunk costs
 * whoever it passes as much as a large one. What came before a failure is handed on before it.
 */
export async function* gathered(
  bytes: AsyncIterable<Uint8Array>,
  { memory, size = Number.MAX_SAFE_INTEGER, stop }: Gathering,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = createSource(bytes);
  let left = size;
  const fill = async (): Promise<Uint8Array | undefined> => {
    if (!(await source.hasMore())) return undefined;
    const chunk = memory.allocate(left > 0 ? Math.min(chunkSize, left) : chunkSize);
    let filled = source.moveTo(chunk);
    const late = deadline(longestMs);
    while (filled < chunk.length && (await Promise.race([source.hasMore(), late.isOver])))
      filled += source.moveTo(chunk.subarray(filled));
    late.clear();
    left -= filled;
    return chunk.subarray(0, filled);
  };
  let next = fill();
  try {
    for (let chunk = await next; chunk !== undefined; chunk = await next) {
      next = fill();
      yield chunk;
    }
    source.end();
  } finally {
    if (!source.isOver()) stop();
    await next;
  }
}

/** `isOver` resolves to false when it is. */
function deadline(ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isOver = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  return { isOver, clear: () => clearTimeout(timer) };
}

/** Bytes that are moved elsewhere piece by piece. Nothing rejects: `end` throws what the bytes ended with. */
function createSource(bytes: AsyncIterable<Uint8Array>) {
  const iterator = bytes[Symbol.asyncIterator]();
  let piece: Uint8Array = new Uint8Array();
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    try {
      while (piece.length === 0 && !isOver) {
        const { done, value } = await iterator.next();
        if (done === true) isOver = true;
        else piece = value;
      }
    } catch (error) {
      isOver = true;
      failure = { error };
    }
    asking = undefined;
  };
  return {
    /** May be asked again before it is answered. */
    async hasMore(): Promise<boolean> {
      if (piece.length === 0 && !isOver) {
        asking ??= ask();
        await asking;
      }
      return piece.length > 0;
    },
    moveTo(place: Uint8Array): number {
      const moved = piece.subarray(0, place.length);
      place.set(moved);
      piece = piece.subarray(moved.length);
      return moved.length;
    },
    isOver: () => isOver,
    end(): void {
      if (failure !== undefined) throw failure.error;
    },
  };
}
