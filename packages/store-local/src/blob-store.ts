import { closeSync, openSync, statSync } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BlobStore, type ByteRange, type ChunkMemory, SessionError } from '@ovfkit/domain';
import type { BlobDigests } from './blob-digests.ts';
import { keysOf, makeFolder, removeEmpty } from './blob-folders.ts';
import { type BlobPaths, blobPaths } from './blob-name.ts';
import { readChunks } from './chunk-reader.ts';
import { createChunkWriter } from './chunk-writer.ts';
import { type Disk, lastingDisk } from './disk.ts';
import { codeOf, fromFileError } from './errors.ts';

// blobs/
//   import%2F+/5f3a%2F+/disk.vmdk.part     open: append writes at its end and flushes before it resolves
//   import%2F+/5f3a%2F+/disk.vmdk.blob     sealed: flushed, renamed, and the folder flushed; never written again
//
// A folder per segment of the key (blob-name.ts), gone with its last blob: the keys of a session are listed without a look
// at those of others.
//
// The size of a blob is the size of its file, so nothing has to agree with a second record of it after a crash. Its digest is
// in the database (blob-digests.ts), with the size of a sealed one to find it by.

/** What is being done to a key; aborted when the blob is deleted under its writer, which then writes into nothing. */
type Work = AbortController;

/** Blobs as files below the folder at `path`, which one process uses at a time; it is made when it is not there. */
export function createBlobStore(
  path: string,
  { digests, disk = lastingDisk }: { readonly digests: BlobDigests; readonly disk?: Disk | undefined },
): BlobStore {
  const folder = resolve(path);
  disk.makeRoot(folder);
  const works = new Map<string, Work>();
  const pathsOf = (key: string): BlobPaths => {
    const { open: growing, sealed } = blobPaths(key);
    return { open: join(folder, growing), sealed: join(folder, sealed) };
  };
  const isSealed = async (key: string): Promise<boolean> => (await sizeOf(pathsOf(key).sealed)) !== undefined;
  return {
    append: async (key, offset, bytes) => append({ key, paths: pathsOf(key), works, disk, offset, bytes }),
    seal: async (key, sha256) => seal({ key, paths: pathsOf(key), works, disk, digests, sha256 }),
    async sealed(sha256) {
      const found = digests.keysOf(sha256).map(async (key) => ((await isSealed(key)) ? [key] : []));
      return (await Promise.all(found)).flat();
    },
    async *sealedOfSize(size) {
      for (const key of digests.keysOfSize(size)) if (await isSealed(key)) yield key;
    },
    async size(key) {
      const { open: growing, sealed } = pathsOf(key);
      return (await sizeOf(sealed)) ?? (await sizeOf(growing)) ?? (await sizeOf(sealed)) ?? 0; // sealed in between
    },
    read: (key, range, memory) => read(pathsOf(key), { key, range, memory }),
    async delete(key) {
      const { open: growing, sealed } = pathsOf(key);
      works.get(key)?.abort();
      const work = claim(works, key);
      try {
        await rm(growing, { force: true });
        await rm(sealed, { force: true });
        digests.forget(key);
        removeEmpty(dirname(sealed), folder);
      } catch (error) {
        throw fromFileError(error, `Deleting the blob ${key}`);
      } finally {
        release(works, { key, work });
      }
    },
    keys: (prefix) => keysOf(folder, prefix),
  };
}

interface Place {
  readonly key: string;
  readonly paths: BlobPaths;
  readonly works: Map<string, Work>;
  readonly disk: Disk;
}

const claim = (works: Map<string, Work>, key: string): Work => {
  const work = new AbortController();
  works.set(key, work);
  return work;
};

const release = (works: Map<string, Work>, { key, work }: { readonly key: string; readonly work: Work }): void => {
  if (works.get(key) === work) works.delete(key);
};

const busy = (key: string): SessionError =>
  new SessionError('CONCURRENT_CHANGE', `The blob ${key} is being written already.`);

interface Append extends Place {
  readonly offset: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

async function append({ key, paths, works, disk, offset, bytes }: Append): Promise<number> {
  if (works.has(key)) throw busy(key);
  // opened without awaiting: a delete that comes now finds either no file or this writer
  const { fd, changed } = openForAppend({ key, paths, offset });
  const work = claim(works, key);
  try {
    // before the bytes: their folders are there for certain only until a delete comes
    for (const each of changed) await disk.flushFolder(each);
    return await writeFrom(bytes, { fd, offset, work, key, disk });
  } finally {
    closeSync(fd);
    release(works, { key, work });
  }
}

interface Writing {
  readonly fd: number;
  readonly offset: number;
  readonly work: Work;
  readonly key: string;
  readonly disk: Disk;
}

async function writeFrom(bytes: AsyncIterable<Uint8Array>, { fd, offset, work, key, disk }: Writing): Promise<number> {
  const writer = createChunkWriter({ fd, offset, disk });
  let size = offset;
  const write = async (step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      throw fromFileError(error, `Writing the blob ${key}`);
    }
    if (work.signal.aborted)
      throw new SessionError('CONCURRENT_CHANGE', `The blob ${key} was deleted while it was written.`);
  };
  let isWritable = true;
  try {
    for await (const chunk of bytes) {
      isWritable = false;
      await write(() => writer.add(chunk));
      isWritable = true;
      size += chunk.length;
    }
    isWritable = false;
    await write(() => writer.finish());
    return size;
  } catch (error) {
    // the source broke off, not the disk: what came is kept, as a client that goes on from `size` relies on
    if (isWritable) await write(() => writer.finish());
    throw error;
  } finally {
    await writer.settled();
  }
}

interface Opened {
  readonly fd: number;
  /** Folders to be flushed. */
  readonly changed: readonly string[];
}

function openForAppend({ key, paths, offset }: Omit<Append, 'works' | 'disk' | 'bytes'>): Opened {
  try {
    if (sizeNow(paths.sealed) !== undefined) {
      throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `The blob ${key} is sealed.`);
    }
    const size = sizeNow(paths.open) ?? 0;
    if (size !== offset) {
      throw new SessionError(
        'CONCURRENT_CHANGE',
        `The blob ${key} has ${size} bytes; an append at ${offset} is refused.`,
      );
    }
    if (offset > 0) return { fd: openSync(paths.open, 'r+'), changed: [] };
    const changed = makeFolder(dirname(paths.open));
    return { fd: openSync(paths.open, 'w', 0o600), changed };
  } catch (error) {
    throw fromFileError(error, `Opening the blob ${key}`);
  }
}

interface Sealing extends Place {
  readonly digests: BlobDigests;
  readonly sha256: string;
}

async function seal({ key, paths, works, disk, digests, sha256 }: Sealing): Promise<void> {
  if (works.has(key)) throw busy(key);
  const work = claim(works, key);
  try {
    const sealed = await sizeOf(paths.sealed);
    if (sealed !== undefined) {
      if (!digests.isKept(key)) digests.keep(key, { sha256, size: sealed }); // a power cut took it
      return;
    }
    const file = await openExisting([paths.open], key);
    let size: number;
    try {
      await disk.flush(file.fd);
      ({ size } = await file.stat());
    } finally {
      await file.close();
    }
    digests.keep(key, { sha256, size }); // before the rename: a sealed blob has its digest, whenever the process is killed
    await rename(paths.open, paths.sealed);
    await disk.flushFolder(dirname(paths.sealed));
  } catch (error) {
    throw fromFileError(error, `Sealing the blob ${key}`);
  } finally {
    release(works, { key, work });
  }
}

interface Reading {
  readonly key: string;
  readonly range: ByteRange | undefined;
  readonly memory: ChunkMemory | undefined;
}

async function* read(paths: BlobPaths, { key, range, memory }: Reading): AsyncGenerator<Uint8Array> {
  const file = await openExisting([paths.sealed, paths.open, paths.sealed], key); // it may be sealed in between
  try {
    const { size } = await file.stat();
    yield* readChunks(file, checked(range ?? { start: 0, end: size }, { size, key }), memory);
  } catch (error) {
    throw fromFileError(error, `Reading the blob ${key}`);
  } finally {
    await file.close();
  }
}

function checked(range: ByteRange, { size, key }: { readonly size: number; readonly key: string }): ByteRange {
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end && end <= size)
    return range;
  throw new SessionError('INVALID_ARGUMENT', `The blob ${key} of ${size} bytes has no range from ${start} to ${end}.`);
}

async function openExisting(paths: readonly string[], key: string): Promise<FileHandle> {
  for (const path of paths) {
    try {
      return await open(path, 'r');
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw fromFileError(error, `Opening the blob ${key}`);
    }
  }
  throw new SessionError('NOT_FOUND', `There is no blob ${key}.`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fromFileError(error, `Reading the size of ${path}`);
  }
}

const sizeNow = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.size;
