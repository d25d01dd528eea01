import { fdatasync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeAt = promisify(write);
const flush = promisify(fdatasync);

const bufferSize = 1024 * 1024;

/** Writes bytes in order to an open file, in big pieces, each while the next one is gathered. */
export interface ChunkWriter {
  /** Takes the bytes; the chunk may be overwritten once this resolves. Rejects when this or an earlier write failed. */
  add(chunk: Uint8Array): Promise<void>;
  /** Writes what is left and flushes it to the disk. */
  finish(): Promise<void>;
}

/**
 * Small chunks are gathered in one 1 MiB buffer while the other is being written: the source and the disk work at the
 * same time, and memory does not grow with either. `offset` is where the first byte goes.
 */
export function createChunkWriter(fd: number, offset: number): ChunkWriter {
  let gathering = Buffer.allocUnsafeSlow(bufferSize);
  let spare = Buffer.allocUnsafeSlow(bufferSize);
  let filled = 0;
  let position = offset;
  let writing = Promise.resolve();

  const swap = async () => {
    await writing;
    const full = gathering.subarray(0, filled);
    writing = writeAll(full, { fd, position });
    writing.catch(() => {}); // it is awaited later; until then Node would call the failure unhandled
    position += filled;
    filled = 0;
    [gathering, spare] = [spare, gathering];
  };
  return {
    async add(chunk) {
      let taken = 0;
      while (taken < chunk.length) {
        const piece = chunk.subarray(taken, taken + bufferSize - filled);
        gathering.set(piece, filled);
        filled += piece.length;
        taken += piece.length;
        if (filled === bufferSize) await swap();
      }
    },
    async finish() {
      await swap();
      await writing;
      await flush(fd);
    },
  };
}

interface Destination {
  readonly fd: number;
  readonly position: number;
}

async function writeAll(bytes: Uint8Array, { fd, position }: Destination): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await writeAt(fd, bytes, done, bytes.length - done, position + done);
    done += bytesWritten; // a nearly full disk takes a part before it refuses the rest
  }
}
