import type { FileHandle } from 'node:fs/promises';

const bufferSize = 1024 * 1024;
/** Larger chunks are written from where they are. */
const gatheredBelow = 256 * 1024;
/** The disk is kept at work while bytes come: otherwise all of them wait for it at the end. */
const flushedEvery = 32 * 1024 * 1024;

/** Memory that appends are gathered in, used again by whoever comes next. */
export interface GatherMemory {
  take(): Buffer;
  /** Nobody uses `buffer` from now on. */
  give(buffer: Buffer): void;
}

/** Nothing until it is needed; then as many buffers as are in use at once. */
export function createGatherMemory(): GatherMemory {
  const idle: Buffer[] = [];
  return { take: () => idle.pop() ?? Buffer.allocUnsafeSlow(bufferSize), give: (buffer) => void idle.push(buffer) };
}

/** Writes all of `bytes` at `position`. */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  // a nearly full disk takes a part before it refuses the rest
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Appends to an open file, one call at a time. What is in the file is always a beginning of what was appended. */
export interface AppendBehind {
  /** Takes the bytes; the chunk may be overwritten once this resolves. Rejects when this or an earlier write failed. */
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when all that was appended is in the file. Rejects when a write failed. */
  written(): Promise<void>;
  /** Resolves when all that was appended is on the medium. Rejects when a write or a flush failed. */
  flushed(): Promise<void>;
  /**
   * Writes what it can of what was appended, and resolves when nothing is done to the file any more. What a failed flush left in doubt is cut
   * off: the system may have dropped it, and a later flush would not tell.
   */
  settled(): Promise<void>;
}

export interface AppendBehindOptions {
  /** Where the first byte goes. */
  readonly position: number;
  readonly memory: GatherMemory;
  /** `nothing` leaves it to the system when bytes reach the medium, but for `flushed`. */
  readonly flush: 'files' | 'nothing';
}

/**
 * Small chunks are gathered in 1 MiB while the MiB before is being written: a call to the system costs more than a copy, and source and disk
 * work at the same time.
 */
export function createAppendBehind(file: FileHandle, { position, memory, flush }: AppendBehindOptions): AppendBehind {
  const growing = createGrowingFile(file, { position, flush });
  const gathered = createGathered(memory);
  // stays rejected once it is: behind a gap nothing may be written
  let writing = Promise.resolve();
  const writeGathered = async (): Promise<void> => {
    const full = gathered.takeOut();
    if (full === undefined) return;
    await writing;
    writing = growing.append(full.bytes).finally(full.release);
    writing.catch(() => {}); // it is awaited later; until then Node would call the failure unhandled
  };
  const written = async (): Promise<void> => {
    await writeGathered();
    await writing;
  };
  return {
    async append(bytes) {
      if (bytes.length >= gatheredBelow) {
        await written();
        writing = growing.append(bytes);
        return writing;
      }
      for (let taken = 0; taken < bytes.length; ) {
        taken += gathered.add(bytes.subarray(taken));
        if (gathered.isFull()) await writeGathered();
      }
    },
    written,
    async flushed() {
      await written();
      await growing.flushed();
    },
    async settled() {
      await Promise.allSettled([written()]);
      await growing.settled();
    },
  };
}

/** Chunks in one buffer, until it is full. */
function createGathered(memory: GatherMemory) {
  let buffer: Buffer | undefined;
  let filled = 0;
  return {
    isFull: () => filled === bufferSize,
    /** Takes as much of the bytes as there is room for, and says how much. */
    add(bytes: Uint8Array): number {
      buffer ??= memory.take();
      const piece = bytes.subarray(0, bufferSize - filled);
      buffer.set(piece, filled);
      filled += piece.length;
      return piece.length;
    },
    /** What was gathered; a new buffer is begun. */
    takeOut() {
      const full = buffer;
      if (full === undefined) return undefined;
      const bytes = full.subarray(0, filled);
      buffer = undefined;
      filled = 0;
      return { bytes, release: () => memory.give(full) };
    },
  };
}

/** Flushed behind its writer, one flush at a time: a disk that is slower than the source slows it down. */
function createGrowingFile(file: FileHandle, { position, flush }: Omit<AppendBehindOptions, 'memory'>) {
  let end = position;
  let flushedTo = position;
  let begunAt = position;
  let isInDoubt = false;
  let flushing = Promise.resolve();
  // the system tells of a failed flush once: whoever began it has to hear of it
  const flushTo = async (size: number): Promise<void> => {
    try {
      await file.datasync();
      flushedTo = size;
    } catch (error) {
      isInDoubt = true;
      throw error;
    }
  };
  const flushNext = async (): Promise<void> => {
    await flushing;
    begunAt = end;
    flushing = flushTo(end);
    flushing.catch(() => {});
  };
  return {
    async append(bytes: Uint8Array): Promise<void> {
      await writeFully(file, bytes, end);
      end += bytes.length;
      if (flush === 'files' && end - begunAt >= flushedEvery) await flushNext();
    },
    async flushed(): Promise<void> {
      await flushNext();
      await flushing;
    },
    async settled(): Promise<void> {
      await Promise.allSettled([flushing]);
      if (isInDoubt) await file.truncate(flushedTo).catch(() => {}); // of a disk that fails nothing more can be asked
    },
  };
}
