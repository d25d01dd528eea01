import { closeSync, ftruncate, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Disk } from './disk.ts';
import { codeOf } from './errors.ts';

const writeAt = promisify(write);
const truncate = promisify(ftruncate);

const bufferSize = 1024 * 1024;
/** Larger chunks are written from where they are. */
const gatheredBelow = 256 * 1024;
/** The disk is kept at work while bytes come: otherwise all of them wait for it at the end. */
const flushedEvery = 32 * 1024 * 1024;

/** Of writers that are through: a package may have many small files, and each would leave its buffers to the collector. */
const idle: Buffer[] = [];
const mostIdle = 8;

/** Pieces of nothing but zeros, as sparse disks are full of, take no room: they are left out as holes. */
const zeros = Buffer.alloc(bufferSize);

const isZero = (bytes: Uint8Array): boolean =>
  bytes.length <= zeros.length && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;

/** Writes bytes in order to an open file, in big pieces, each while the next one is gathered. */
export interface ChunkWriter {
  /** Takes the bytes; the chunk may be overwritten once this resolves. Rejects when this or an earlier write or flush failed. */
  add(chunk: Uint8Array): Promise<void>;
  /** Writes what is left and flushes everything to the disk. */
  finish(): Promise<void>;
  /**
   * Resolves when nothing is done to the file any more, however it ended: only then may it be closed. What a failed flush left in doubt is
   * cut off: the system may have dropped it, and a later flush would not tell.
   */
  settled(): Promise<void>;
}

/** An open file, and where in it the first byte goes. */
export interface Writing {
  readonly fd: number;
  readonly offset: number;
  readonly disk: Disk;
}

/**
 * Small chunks are gathered in one 1 MiB buffer while the other is being written: the source and the disk work at the
 * same time, and memory does not grow with either.
 */
export function createChunkWriter(target: Writing): ChunkWriter {
  const file = createFlushedFile(target);
  let gathering: Buffer = Buffer.alloc(0);
  let spare: Buffer = Buffer.alloc(0);
  let filled = 0;
  let writing = Promise.resolve();

  const swap = async () => {
    await writing;
    writing = file.append(gathering.subarray(0, filled));
    writing.catch(() => {}); // it is awaited later; until then Node would call the failure unhandled
    filled = 0;
    [gathering, spare] = [spare, gathering];
  };
  const gather = async (chunk: Uint8Array) => {
    for (let taken = 0; taken < chunk.length; ) {
      if (gathering.length === 0) gathering = idle.pop() ?? Buffer.allocUnsafeSlow(bufferSize);
      const piece = chunk.subarray(taken, taken + bufferSize - filled);
      gathering.set(piece, filled);
      filled += piece.length;
      taken += piece.length;
      if (filled === bufferSize) await swap();
    }
  };
  return {
    async add(chunk) {
      if (chunk.length < gatheredBelow) return gather(chunk);
      if (filled > 0) await swap();
      await writing;
      await file.append(chunk);
    },
    async finish() {
      if (filled > 0) await swap();
      await writing;
      await file.flushed();
    },
    async settled() {
      await Promise.allSettled([writing]);
      for (const buffer of [gathering, spare]) if (buffer.length > 0 && idle.length < mostIdle) idle.push(buffer);
      gathering = Buffer.alloc(0);
      spare = Buffer.alloc(0);
      await file.settled();
    },
  };
}

/** A file that grows, one append at a time, and is flushed behind its writer. */
function createFlushedFile({ fd, offset, disk }: Writing) {
  let position = offset;
  let flushedTo = offset;
  let begunAt = offset;
  let isInDoubt = false;
  let flushing = Promise.resolve();

  // The system tells of a failed flush once: whoever began it has to hear of it. No second one before: a disk that is slower than
  // the source slows it down.
  const flushTo = async (end: number) => {
    try {
      await disk.flush(fd);
      flushedTo = end;
    } catch (error) {
      isInDoubt = true;
      throw error;
    }
  };
  const flushNext = async () => {
    await flushing;
    begunAt = position;
    flushing = flushTo(position);
    flushing.catch(() => {});
  };
  const direct = createDirectWriter({ fd, disk });
  // a nearly full disk takes a part before it refuses the rest
  const writeAll = async (bytes: Uint8Array) => {
    for (let done = 0; done < bytes.length; ) {
      const part = bytes.subarray(done);
      const written =
        (await direct.write(part, position)) ?? (await writeAt(fd, part, 0, part.length, position)).bytesWritten;
      done += written;
      position += written;
    }
  };
  return {
    async append(bytes: Uint8Array): Promise<void> {
      if (isZero(bytes)) {
        // at once: who asks how much is here is told the size of the file
        await truncate(fd, position + bytes.length);
        position += bytes.length;
      } else await writeAll(bytes);
      if (position - begunAt >= flushedEvery) await flushNext();
    },
    /** Resolves when all that was appended is on the disk. */
    async flushed(): Promise<void> {
      await flushNext();
      await flushing;
    },
    async settled(): Promise<void> {
      await Promise.allSettled([flushing]);
      direct.close();
      if (isInDoubt) await truncate(fd, flushedTo).catch(() => {}); // of a disk that fails nothing more can be asked
    },
  };
}

/** What the strictest of disks want sizes and positions to be a multiple of. */
const pageSize = 4096;

/** Writes past the system's cache what lies in whole pages at whole pages, here and there. */
function createDirectWriter({ fd, disk }: Pick<Writing, 'fd' | 'disk'>) {
  let opened: number | undefined;
  let isPossible = true;
  const close = (): void => {
    isPossible = false;
    if (opened !== undefined) closeSync(opened);
    opened = undefined;
  };
  return {
    /** Bytes written; nothing where these have to go another way. */
    async write(bytes: Uint8Array, position: number): Promise<number | undefined> {
      const size = bytes.length - (bytes.length % pageSize);
      if (!isPossible || size < gatheredBelow || position % pageSize !== 0) return undefined;
      opened ??= disk.openDirect(fd);
      if (opened === undefined) {
        isPossible = false;
        return undefined;
      }
      try {
        return (await writeAt(opened, bytes, 0, size, position)).bytesWritten;
      } catch (error) {
        if (codeOf(error) !== 'EINVAL') throw error;
        close(); // the memory lies otherwise than this disk wants it
        return undefined;
      }
    },
    close,
  };
}
