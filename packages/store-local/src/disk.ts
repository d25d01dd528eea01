import { fdatasync } from 'node:fs';
import { promisify } from 'node:util';
import { syncFolder } from './blob-folders.ts';

/** What makes changes outlast a loss of power. */
export interface Disk {
  /** Resolves when what was written to the open file is kept. */
  flush(fd: number): Promise<void>;
  /** Resolves when new, renamed and removed names of a folder are kept. */
  flushFolder(path: string): Promise<void>;
}

/** For what has to be there after a loss of power. */
export const lastingDisk: Disk = { flush: promisify(fdatasync), flushFolder: syncFolder };

/** For what nobody reads after a loss of power: it waits for nothing. */
export const passingDisk: Disk = { flush: async () => {}, flushFolder: async () => {} };
