import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '@ovfkit/domain';
import { checkName, PackageError } from '@ovfkit/package-format';
import { createOutputFiles, isArchivePath } from '@ovfkit/package-format/node';
import type { PackageSink } from './package-sink.ts';

export interface FileSinkOptions {
  /** What to do when `path` is there already, for a folder: and not empty; `fail` by default. */
  readonly overwrite?: 'fail' | 'replace' | undefined;
}

/**
 * A sink on disk: a path ending in `.ova` is an archive, any other a folder. Files are written as `NAME.part`, flushed, and renamed by
 * `commit`.
 * @throws SessionError ALREADY_EXISTS; UNABLE_TO_ALLOCATE_RESOURCE when the disk refuses, with `data.path`, and the system's code as cause
 */
export async function createFileSink(path: string, { overwrite = 'fail' }: FileSinkOptions = {}): Promise<PackageSink> {
  const kind = isArchivePath(path) ? 'ova' : 'ovf';
  if (overwrite === 'fail' && (await isTaken(path))) throw taken(path);
  const pathOf = (name: string): string => (kind === 'ova' ? path : join(path, checkName(name)));
  const files = createOutputFiles({ ifExists: 'replace' });
  // a place that cannot be written is told before anything is asked of a server
  await translated(() => files.makeFolderOf(kind === 'ova' ? path : join(path, 'any')));
  return {
    kind,
    async open(name) {
      const place = pathOf(name);
      const file = await translated(() => files.open(place));
      return { write: (bytes) => translated(() => file.write(bytes)), finish: () => translated(() => file.finish()) };
    },
    commit: () => translated(() => files.commit()),
    discard: () => files.discard(),
  };
}

async function isTaken(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return false;
  return !found.isDirectory() || isArchivePath(path) || (await readdir(path)).length > 0;
}

const taken = (path: string): SessionError =>
  new SessionError('ALREADY_EXISTS', `${path} is there already. Choose another path, or ask for it to be replaced.`);

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
