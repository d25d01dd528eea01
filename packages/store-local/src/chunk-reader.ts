import type { FileHandle } from 'node:fs/promises';
import { type ByteRange, type ChunkMemory, SessionError } from '@ovfkit/domain';

const chunkSize = 1024 * 1024;
const ownMemory: ChunkMemory = { allocate: (size) => Buffer.allocUnsafeSlow(size) };

/**
 * The bytes of `range` in chunks of 1 MiB, the next one being read while one is used. Chunks are the caller's to keep.
 * @throws SessionError RESOURCE_INACCESSIBLE when the file is shorter than the range
 */
export async function* readChunks(
  file: FileHandle,
  { start, end }: ByteRange,
  memory: ChunkMemory = ownMemory,
): AsyncGenerator<Uint8Array> {
  let position = start;
  let next = start < end ? readChunk(file, { start, end, memory }) : undefined;
  try {
    while (next !== undefined) {
      const chunk = await next;
      position += chunk.length;
      next = position < end ? readChunk(file, { start: position, end, memory }) : undefined;
      next?.catch(() => {}); // it is awaited later, or the reader has stopped
      yield chunk;
    }
  } finally {
    await next?.catch(() => {}); // the file is closed after this: no read may be under way then
  }
}

interface Part extends ByteRange {
  readonly memory: ChunkMemory;
}

async function readChunk(file: FileHandle, { start, end, memory }: Part): Promise<Uint8Array> {
  const size = Math.min(chunkSize, end - start);
  const { bytesRead, buffer } = await file.read(memory.allocate(size), 0, size, start);
  if (bytesRead === 0) throw new SessionError('RESOURCE_INACCESSIBLE', `The file ends at ${start} instead of ${end}.`);
  return buffer.subarray(0, bytesRead);
}
