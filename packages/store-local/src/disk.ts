import { constants, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { makeFolder, makeRoot, syncFolder } from './blob-folders.ts';

/** What makes changes outlast a loss of power. */
export interface Disk {
  /** Makes a folder that everything lies in, its name to be kept like all else. */
  makeRoot(path: string): void;
  /** Resolves when what was written to the open file is kept. */
  flush(fd: number): Promise<void>;
  /** Resolves when new, renamed and removed names of a folder are kept. */
  flushFolder(path: string): Promise<void>;
  /** Opens an open file once more, so that whole pages go to the disk without the system's cache; nothing where that is not wanted, or cannot be. */
  openDirect(fd: number): number | undefined;
}

/** For what has to be there after a loss of power. */
export const lastingDisk: Disk = {
  makeRoot,
  flush: promisify(fdatasync),
  flushFolder: syncFolder,
  openDirect: () => undefined,
};

/**
 * Keeps as much, for large files that nobody reads soon: the system's cache would copy every byte, for which it may have to get memory first,
 * and keeps the pages that others read from it.
 */
export const directDisk: Disk = { ...lastingDisk, openDirect };

// by its number: a file of the same path may be another one by now
function openDirect(fd: number): number | undefined {
  if (constants.O_DIRECT === undefined) return undefined; // of Linux
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY + constants.O_DIRECT);
  } catch {
    return undefined; // not every file system can
  }
}

/** For what nobody reads after a loss of power: it waits for nothing. */
export const passingDisk: Disk = {
  makeRoot: (path) => void makeFolder(path),
  flush: async () => {},
  flushFolder: async () => {},
  openDirect: () => undefined,
};
