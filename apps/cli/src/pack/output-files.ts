import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CliError } from '../errors.ts';

/** Files that appear together or not at all. */
export interface OutputFiles {
  /**
   * Writes `bytes` beside the place of the file, as `PATH.part`; resolves to their number.
   * @throws CliError of the class usage when something is there that may not be replaced
   */
  write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<number>;
  /** Puts `bytes` over a part of a file that was written. */
  patch(path: string, part: { readonly offset: number; readonly bytes: Uint8Array }): Promise<void>;
  /** Where the bytes of a file lie until `commit`. */
  partOf(path: string): string;
  /** Forgets a file that only was on the way to another. */
  drop(path: string): Promise<void>;
  /** Gives all files their names, in the order they were written. */
  commit(): Promise<void>;
  /** Removes what was written, and folders made for it. Idempotent. */
  discard(): Promise<void>;
}

interface Options {
  readonly overwrite?: boolean | undefined;
  /** Ends writing; the call rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

async function refuseTaken(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  throw new CliError('usage', `${path} is there already`, { hint: 'Choose another path, or give --overwrite.' });
}

async function writeAll(handle: FileHandle, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
  let size = 0;
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, size);
      at += bytesWritten;
      size += bytesWritten;
    }
  }
  await handle.sync();
  return size;
}

/** Starts a set of files. */
export function createOutputFiles({ overwrite = false, signal }: Options): OutputFiles {
  const written = new Set<string>();
  const folders: string[] = [];
  const partOf = (path: string): string => `${resolve(path)}.part`;
  const makeFolder = async (folder: string): Promise<void> => {
    const first = await mkdir(folder, { recursive: true });
    if (first !== undefined) folders.push(folder, ...(first === folder ? [] : [first]));
  };
  return {
    partOf,
    async write(path, bytes) {
      const target = resolve(path);
      if (!overwrite) await refuseTaken(target);
      await makeFolder(dirname(target));
      const handle = await open(partOf(target), 'w');
      written.add(target);
      try {
        return await writeAll(handle, bytes, signal);
      } finally {
        await handle.close();
      }
    },
    async patch(path, { offset, bytes }) {
      const handle = await open(partOf(path), 'r+');
      try {
        await handle.write(bytes, 0, bytes.length, offset);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async drop(path) {
      written.delete(resolve(path));
      await rm(partOf(path), { force: true });
    },
    async commit() {
      signal.throwIfAborted();
      for (const path of written) await rename(partOf(path), path);
      written.clear();
      folders.length = 0;
    },
    async discard() {
      for (const path of written) await rm(partOf(path), { force: true });
      written.clear();
      // only when they are empty, and ours
      for (const folder of folders) await rmdir(folder).catch(() => undefined);
    },
  };
}

/** Runs `work` with a set of files: all of them are there when it succeeds, none when it fails or is canceled. */
export async function withOutputFiles<Result>(
  options: Options,
  work: (files: OutputFiles) => Promise<Result>,
): Promise<Result> {
  const files = createOutputFiles(options);
  try {
    const result = await work(files);
    await files.commit();
    return result;
  } finally {
    await files.discard();
  }
}
