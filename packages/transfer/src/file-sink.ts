import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { SessionError } from '@ovfkit/domain';
import { checkName, isDescriptorName } from '@ovfkit/package-format';
import type { FileSink, PackageSink } from './package-sink.ts';

export interface FileSinkOptions {
  /** What to do when `path` is there already, for a folder: and not empty; `fail` by default. */
  readonly overwrite?: 'fail' | 'replace' | undefined;
}

interface Part {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * A sink on disk: a path ending in `.ova` is an archive, any other a folder. Files are written as `NAME.part`, flushed, and renamed by
 * `commit`.
 * @throws SessionError ALREADY_EXISTS; UNABLE_TO_ALLOCATE_RESOURCE when the disk refuses, with `data.path`, and the system's code as cause
 */
export async function createFileSink(path: string, { overwrite = 'fail' }: FileSinkOptions = {}): Promise<PackageSink> {
  const kind = path.toLowerCase().endsWith('.ova') ? 'ova' : 'ovf';
  if (overwrite === 'fail' && (await isTaken(path))) throw taken(path);
  const folder = kind === 'ova' ? dirname(path) : path;
  const made: Made[] = [];
  const make = async (wanted: string): Promise<void> => {
    const first = await translated(wanted, () => mkdir(wanted, { recursive: true }));
    if (first !== undefined) made.unshift({ first: resolve(first), last: resolve(wanted) });
  };
  await make(folder);
  const parts = new Map<string, Part>();
  const release = async (): Promise<void> => {
    await Promise.allSettled([...parts.values()].map(({ handle }) => handle.close()));
    await Promise.allSettled([...parts.values()].map((part) => rm(`${part.path}.part`, { force: true })));
    parts.clear();
  };
  return {
    kind,
    async open(name) {
      const target = kind === 'ova' ? path : join(folder, checkName(name));
      await make(dirname(target));
      const handle = await translated(target, () => open(`${target}.part`, 'w'));
      parts.set(target, { path: target, handle });
      return createPart({ path: target, handle });
    },
    async commit() {
      // who sees the descriptor sees the whole package
      const last = (part: Part): number => Number(isDescriptorName(basename(part.path)));
      for (const part of [...parts.values()].toSorted((a, b) => last(a) - last(b)))
        await translated(part.path, async () => {
          await part.handle.close();
          await rename(`${part.path}.part`, part.path);
        });
      parts.clear();
      await flushFolder(folder);
    },
    async discard() {
      await release();
      for (const each of made) await removeEmpty(each);
    },
  };
}

function createPart({ path, handle }: Part): FileSink {
  let size = 0;
  return {
    write: (bytes) =>
      translated(path, async () => {
        for (let at = 0; at < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, size);
          at += bytesWritten;
          size += bytesWritten;
        }
      }),
    finish: () => translated(path, () => handle.sync()),
  };
}

async function isTaken(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  return !found.isDirectory() || path.toLowerCase().endsWith('.ova') || (await readdir(path)).length > 0;
}

const taken = (path: string): SessionError =>
  new SessionError('ALREADY_EXISTS', `${path} is there already. Choose another path, or ask for it to be replaced.`);

async function translated<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', `${path} cannot be written: ${reason}`, {
      cause,
      data: { path },
    });
  }
}

/** Folders that were not there before: `last` and those above it up to `first`. */
interface Made {
  readonly first: string;
  readonly last: string;
}

/** They are ours, what others have put there meanwhile is not. */
async function removeEmpty({ first, last }: Made): Promise<void> {
  for (let each = last; each.length >= first.length; each = dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      return; // not empty
    }
  }
}

/** The renames are durable once their folder is; not every file system can say so. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
