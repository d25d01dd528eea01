import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SessionError } from '@ovfkit/domain';
import { checkName, PackageError, type RandomAccess } from '@ovfkit/package-format';
import { createOutputFiles, isArchivePath, openFile } from '@ovfkit/package-format/node';
import type { PackageSink } from './package-sink.ts';

export interface FileSinkOptions {
  /** What to do when `path` is there already, for a folder: and not empty; `fail` by default. */
  readonly overwrite?: 'fail' | 'replace' | undefined;
  /** Files that an earlier sink for `path` has begun and left; these are gone on with, no others that happen to lie there. */
  readonly begun?: readonly string[] | undefined;
}

/**
 * A sink on disk: a path ending in `.ova` is an archive, any other a folder. Files are written as `NAME.part`, flushed, and renamed by
 * `commit`.
 * @throws SessionError ALREADY_EXISTS, also where what is there cannot be replaced; UNABLE_TO_ALLOCATE_RESOURCE when the disk refuses, with `data.path`, and the system's code as cause
 */
export async function createFileSink(
  path: string,
  { overwrite = 'fail', begun = [] }: FileSinkOptions = {},
): Promise<PackageSink> {
  const kind = isArchivePath(path) ? 'ova' : 'ovf';
  if (overwrite === 'fail' && (await isTaken(path))) throw taken(path);
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && found.isDirectory() !== (kind === 'ovf')) throw unfit(path, kind);
  const pathOf = (name: string): string => (kind === 'ova' ? path : join(path, checkName(name)));
  const files = createOutputFiles({ ifExists: 'replace' });
  // a place that cannot be written is told before anything is asked of a server
  await translated(() => files.makeFolder(kind === 'ova' ? dirname(path) : path));
  const ours = new Set(begun.map(pathOf));
  const dropAll = async (): Promise<void> => {
    for (const place of ours) await files.drop(place);
  };
  return {
    kind,
    left: async (name) => (ours.has(pathOf(name)) ? leftAt(files.partOf(pathOf(name))) : undefined),
    async open(name, keep) {
      const place = pathOf(name);
      ours.add(place);
      const file = await translated(() => files.open(place, keep));
      return { write: (bytes) => translated(() => file.write(bytes)), finish: () => translated(() => file.finish()) };
    },
    async adopt(name, path) {
      const place = pathOf(name);
      ours.add(place);
      return translated(async () => {
        const { size } = await stat(path);
        if (kind === 'ova' || size === 0 || !(await files.adopt(place, path))) return false;
        await (await files.open(place, size)).finish();
        return true;
      });
    },
    async commit() {
      await translated(() => files.commit());
      await dropAll();
    },
    leave: () => files.leave(),
    async discard() {
      await files.discard();
      await dropAll();
    },
  };
}

/** Opened for each read: nothing is held open for files that are only looked at. */
async function leftAt(path: string): Promise<RandomAccess | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  return {
    size: found.size,
    async *read(part) {
      const file = await openFile(path);
      try {
        yield* file.read(part);
      } finally {
        await file.close();
      }
    },
  };
}

async function isTaken(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  return !found.isDirectory() || isArchivePath(path) || (await readdir(path)).length > 0;
}

const taken = (path: string): SessionError =>
  new SessionError('ALREADY_EXISTS', `${path} is there already. Choose another path, or ask for it to be replaced.`);

const unfit = (path: string, kind: PackageSink['kind']): SessionError =>
  new SessionError(
    'ALREADY_EXISTS',
    kind === 'ova' ? `${path} is a folder, where an archive is to be` : `${path} is a file, where a folder is to be`,
  );

/** What the disk refused, in the words of a session. */
async function translated<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof PackageError) || error.code !== 'CANNOT_WRITE') throw error;
    const { message, file, cause } = error;
    throw new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', message, { cause, data: { path: file } });
  }
}
