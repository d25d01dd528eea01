import { constants, existsSync } from 'node:fs';
import { access, chmod, type FileHandle, link, lstat, mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { PackageError } from '../errors.ts';
import { isDescriptorName } from '../package-read.ts';
import { createAppendBehind, createGatherMemory, type GatherMemory, writeFully } from './append-behind.ts';

/** One file while it is written. */
export interface OutputFile {
  /**
   * Appends; resolves when `bytes` may be overwritten and more may come, which is before they are in the file: a write that fails is told by
   * a later call, `finish` at the latest. One at a time.
   * @throws PackageError CANNOT_WRITE
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Puts bytes anywhere, for files that are not written in order; what lies between is a hole. @throws PackageError CANNOT_WRITE */
  writeAt(bytes: Uint8Array, offset: number): Promise<void>;
  /** Ends the file there: with a hole when it was shorter. @throws PackageError CANNOT_WRITE */
  resize(size: number): Promise<void>;
  /** Complete from here on, and durable unless that was left to the system, though not yet under its name. @throws PackageError CANNOT_WRITE */
  finish(): Promise<void>;
}

/** Files that appear together or not at all: until `commit` each is called `PATH.part`. */
export interface OutputFiles {
  /** Makes a folder and those above it, as `open` does, and tries whether files can be made there. @throws PackageError CANNOT_WRITE */
  makeFolder(folder: string): Promise<void>;
  /**
   * Begins a file, and makes the folders above it; behind the first `keep` bytes of what is called `PATH.part` already, when there are any to keep.
   * Opened again, a file is begun anew.
   * @throws PackageError FILE_EXISTS, CANNOT_WRITE
   */
  open(path: string, keep?: number): Promise<OutputFile>;
  /**
   * Takes a file that lies on the same volume, and that nobody writes any more, without a copy: `open` goes on with it. False where the volume is
   * another, or knows no links.
   * @throws PackageError FILE_EXISTS, CANNOT_WRITE
   */
  adopt(path: string, from: string): Promise<boolean>;
  /** Puts `bytes` over a part of a file that was finished. @throws PackageError CANNOT_WRITE */
  patch(path: string, part: { readonly offset: number; readonly bytes: Uint8Array }): Promise<void>;
  /** Where the bytes of a file lie until `commit`. */
  partOf(path: string): string;
  /** Forgets a file that only was on the way to another. */
  drop(path: string): Promise<void>;
  /** Gives all files their names, descriptors last: who sees one sees the whole package. @throws PackageError CANNOT_WRITE */
  commit(): Promise<void>;
  /** Removes what was written, and folders made for it that are empty. Harmless after `commit`, and when called again. */
  discard(): Promise<void>;
  /** Leaves what was written where it is, under `PATH.part`, for another set to go on with. Harmless after `commit`. */
  leave(): Promise<void>;
}

/** How to start a set of files. */
export interface OutputFilesOptions {
  /** What to do when a file is there already; `refuse` when absent. */
  readonly ifExists?: 'refuse' | 'replace' | undefined;
  /** `nothing` leaves it to the system when bytes reach the medium; `files` waits for it, and is meant when absent. */
  readonly flush?: 'files' | 'nothing' | undefined;
}

/** A failure of the system as ours; `cause` is what the system said. */
async function acting<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof PackageError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PackageError('CANNOT_WRITE', `${path} cannot be written: ${reason}`, { file: path, cause });
  }
}

async function refuseTaken(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined) throw new PackageError('FILE_EXISTS', `${path} is there already`, { file: path });
}

interface OpenOutput extends Pick<OutputFilesOptions, 'flush'> {
  readonly handle: FileHandle;
  readonly path: string;
  /** Bytes that are there. */
  readonly keep: number;
  readonly memory: GatherMemory;
}

/** An output file of which the set may be asked to let go. */
interface HeldOutput extends OutputFile {
  /** Closes it with what was appended so far, as far as it can be written; one that is finished does not change. */
  close(): Promise<void>;
}

function outputFile({ handle, path, keep, memory, flush = 'files' }: OpenOutput): HeldOutput {
  const { append, written, flushed, settled } = createAppendBehind(handle, { position: keep, memory, flush });
  return {
    write: (bytes) => acting(path, () => append(bytes)),
    writeAt: (bytes, offset) =>
      acting(path, async () => {
        await written();
        await writeFully(handle, bytes, offset);
      }),
    resize: (end) =>
      acting(path, async () => {
        await written();
        await handle.truncate(end);
      }),
    finish: () =>
      acting(path, async () => {
        await (flush === 'files' ? flushed() : written());
        await handle.close();
      }),
    async close() {
      await settled();
      await handle.close();
    },
  };
}

/** Where a volume is read-only, making folders in one go tells that one is missing, and making the first of them tells why. */
async function makeFolders(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    let missing = folder;
    while (!existsSync(dirname(missing))) missing = dirname(missing);
    if (!existsSync(missing)) await mkdir(missing);
    throw error;
  }
}

/** Folders that were not there before. */
function createFolders() {
  const made: { readonly first: string; readonly last: string }[] = [];
  const make = async (folder: string): Promise<void> => {
    const first = await makeFolders(folder);
    if (first !== undefined) made.unshift({ first: resolve(first), last: folder });
  };
  return {
    make,
    async makeWritable(folder: string): Promise<void> {
      await make(folder);
      await access(folder, constants.W_OK);
    },
    keep: () => void made.splice(0),
    /** Only ours, and only when nobody put anything there meanwhile. */
    async remove(): Promise<void> {
      for (const { first, last } of made.splice(0))
        for (let each = last; each.length >= first.length; each = dirname(each))
          if (
            !(await rmdir(each).then(
              () => true,
              () => false,
            ))
          )
            break;
    },
  };
}

/** Names are durable once their folder is; not every file system can say so. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** With the rights that a new file gets here: the other may be for nobody else to read. */
async function linkFile(from: string, to: string): Promise<boolean> {
  const handle = await open(to, 'w');
  const { mode } = await handle.stat();
  await handle.close();
  await rm(to);
  try {
    await link(from, to);
  } catch {
    return false;
  }
  await chmod(to, mode);
  return true;
}

/** A file that was linked is not written over: it is somebody else's as well. */
async function openPart(path: string, keep: number): Promise<FileHandle> {
  if (keep > 0) return open(path, 'r+');
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() && found.nlink > 1) await rm(path);
  return open(path, 'w');
}

async function patchFile(path: string, { offset, bytes }: Parameters<OutputFiles['patch']>[1]): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.write(bytes, 0, bytes.length, offset);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const partOf = (path: string): string => `${resolve(path)}.part`;

async function nameAll(paths: readonly string[]): Promise<void> {
  const last = (path: string): number => Number(isDescriptorName(basename(path)));
  for (const path of paths.toSorted((a, b) => last(a) - last(b))) await acting(path, () => rename(partOf(path), path));
  for (const folder of new Set(paths.map((path) => dirname(path)))) await flushFolder(folder);
}

/** Starts a set of files. Whoever starts it ends it with `commit`, `leave` or `discard`. */
export function createOutputFiles({ ifExists = 'refuse', flush }: OutputFilesOptions = {}): OutputFiles {
  const held = new Map<string, HeldOutput>();
  const memory = createGatherMemory();
  const folders = createFolders();
  const readyFor = async (path: string): Promise<void> => {
    if (ifExists === 'refuse') await refuseTaken(resolve(path));
    await acting(path, () => folders.make(dirname(resolve(path))));
  };
  const closeAll = () => Promise.allSettled([...held.values()].map((file) => file.close()));
  return {
    partOf,
    makeFolder: (folder) => acting(folder, () => folders.makeWritable(resolve(folder))),
    async open(path, keep = 0) {
      const target = resolve(path);
      await readyFor(path);
      return acting(path, async () => {
        await held.get(target)?.close();
        const handle = await openPart(partOf(target), keep);
        const file = outputFile({ handle, path, keep, memory, flush });
        held.set(target, file);
        if (keep > 0) await handle.truncate(keep);
        return file;
      });
    },
    async adopt(path, from) {
      await readyFor(path);
      return acting(path, () => linkFile(from, partOf(path)));
    },
    patch: (path, part) => acting(path, () => patchFile(partOf(path), part)),
    async drop(path) {
      held.delete(resolve(path));
      await rm(partOf(path), { force: true });
    },
    async commit() {
      await nameAll([...held.keys()]);
      held.clear();
      folders.keep();
    },
    async leave() {
      await closeAll();
      held.clear();
      folders.keep();
    },
    async discard() {
      await closeAll();
      for (const path of held.keys()) await rm(partOf(path), { force: true });
      held.clear();
      await folders.remove();
    },
  };
}

/** Runs `work` with a set of files: all of them are there when it succeeds, none when it fails. */
export async function withOutputFiles<Result>(
  options: OutputFilesOptions,
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

/**
 * Writes a whole file; resolves to its size in bytes.
 * @throws PackageError FILE_EXISTS, CANNOT_WRITE; the reason of `signal`
 */
export async function writeFile(
  files: OutputFiles,
  {
    path,
    bytes,
    signal,
  }: {
    readonly path: string;
    readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<number> {
  const file = await files.open(path);
  let size = 0;
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    await file.write(chunk);
    size += chunk.length;
  }
  await file.finish();
  return size;
}
