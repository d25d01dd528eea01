import { type FileHandle, open } from 'node:fs/promises';
import type { RandomAccess, ReadPart } from '../bytes.ts';
import { PackageError } from '../errors.ts';

const chunkSize = 1024 * 1024;

/** A file on disk that can be read from anywhere. Whoever opened it closes it. */
export interface OpenFile extends RandomAccess {
  /** Idempotent. */
  close(): Promise<void>;
}

/** Where a read of a file starts, and what to call the file when it fails. */
interface Part {
  readonly handle: FileHandle;
  readonly name: string;
  readonly start: number;
  readonly size: number;
  readonly allocate: (size: number) => Uint8Array;
}

async function readPart({ handle, name, start, size, allocate }: Part): Promise<Uint8Array> {
  const buffer = allocate(size);
  try {
    const { bytesRead } = await handle.read(buffer, 0, size, start);
    if (bytesRead === 0)
      throw new PackageError('TRUNCATED', `${name} became shorter while it was read`, { file: name, offset: start });
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw cause instanceof PackageError
      ? cause
      : new PackageError('CANNOT_READ', `${name} cannot be read at ${start}`, { file: name, offset: start, cause });
  }
}

/** One chunk is read ahead, so that the disk works while the consumer does. */
async function* readRange(
  file: Pick<Part, 'handle' | 'name'>,
  // a new buffer each time: consumers such as HTTP bodies hold on to chunks
  { start, end, allocate = Buffer.allocUnsafe }: ReadPart,
): AsyncGenerator<Uint8Array, void, undefined> {
  const request = (at: number) => {
    const pending = readPart({ ...file, start: at, size: Math.min(chunkSize, end - at), allocate });
    // the failure is seen by the await below; without this a consumer that stops early would crash the process
    pending.catch(() => {});
    return pending;
  };
  let pending = start < end ? request(start) : undefined;
  try {
    for (let at = start; pending !== undefined; ) {
      const chunk: Uint8Array = await pending;
      at += chunk.length;
      pending = at < end ? request(at) : undefined;
      yield chunk;
    }
  } finally {
    // a read must not go on into a handle that is being closed
    await pending?.catch(() => {});
  }
}

/**
 * Opens a file for reading. Its size is that of the moment.
 * @throws PackageError CANNOT_READ when it is not there, not readable or no regular file
 */
export async function openFile(path: string): Promise<OpenFile> {
  let handle: FileHandle | undefined;
  try {
    const opened = await open(path, 'r');
    handle = opened;
    const stats = await opened.stat();
    if (!stats.isFile()) throw new Error('not a regular file');
    return {
      size: stats.size,
      read: (part) => readRange({ handle: opened, name: path }, part),
      close: () => opened.close(),
    };
  } catch (cause) {
    await handle?.close();
    throw new PackageError(
      'CANNOT_READ',
      `${path} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
      { file: path, cause },
    );
  }
}
