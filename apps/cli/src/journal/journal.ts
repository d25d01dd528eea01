import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CliError } from '../errors.ts';
import { Job } from './job.ts';
import { type Lock, lockedBy, takeLock } from './lock.ts';

/** What was begun, when. */
interface Begun {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** What has begun and not ended: one file each, of which nobody ever sees half, and which others cannot read. */
export interface Journal<Entry extends Begun = Job> {
  /** Oldest first. */
  list(): Promise<readonly Entry[]>;
  /** Nothing when there is none. @throws CliError for one that cannot be read */
  read(id: string): Promise<Entry | undefined>;
  /** Durable when it resolves. */
  write(entry: Entry): Promise<void>;
  remove(id: string): Promise<void>;
  /** @throws CliError while another process has it */
  lock(id: string): Promise<Lock>;
  /** The process that works on a job. */
  lockedBy(id: string): Promise<number | undefined>;
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function readEntry<Entry>(path: string, schema: z.ZodType<Entry>): Promise<Entry | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CliError('usage', `${path} cannot be read`, { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError ? cause.issues.map(({ path: key, message }) => `${key.join('.')}: ${message}`) : [];
    throw new CliError('usage', `${path} is not the file of a job`, {
      details: why,
      hint: 'Remove it; the import begins anew.',
      cause,
    });
  }
}

const draftOf = (path: string): string => `${path}.draft`;

/** A rename is durable only when the folder is. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders are not opened there
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whoever has the lock writes: a draft of one that was killed is written over. */
async function writeEntry(path: string, { folder, entry }: { folder: string; entry: Begun }): Promise<void> {
  const draft = draftOf(path);
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(entry));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, path);
  await flushFolder(folder);
}

/** The jobs in a folder, which is made when the first is written. */
export const openJournal = (folder: string): Journal => openEntries(folder, Job);

/** Entries of one kind in a folder, which is made when the first is written. */
export function openEntries<Entry extends Begun>(folder: string, schema: z.ZodType<Entry>): Journal<Entry> {
  const pathOf = (id: string): string => join(folder, `${id}.json`);
  const prepare = (): Promise<unknown> => mkdir(folder, { recursive: true, mode: 0o700 });
  return {
    async list() {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return [];
        throw error;
      });
      const entries = await Promise.all(
        names.filter((name) => name.endsWith('.json')).map((name) => readEntry(join(folder, name), schema)),
      );
      return entries.filter((each) => each !== undefined).toSorted((a, b) => a.createdAt - b.createdAt);
    },
    read: (id) => readEntry(pathOf(id), schema),
    async write(entry) {
      await prepare();
      await writeEntry(pathOf(entry.id), { folder, entry });
    },
    async remove(id) {
      await rm(draftOf(pathOf(id)), { force: true });
      await rm(pathOf(id), { force: true });
    },
    async lock(id) {
      await prepare();
      const lock = await takeLock(folder, id);
      if (typeof lock !== 'number') return lock;
      throw new CliError('usage', `The same import or export runs already, as process ${lock}`, {
        hint: `Wait for it. ovfkit sessions list shows it; where its target has sessions, ovfkit sessions attach ${id} watches it.`,
      });
    },
    async lockedBy(id) {
      try {
        return await lockedBy(folder, id);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Keeps nothing: for when there is no place to keep it. */
export const forgetful = <Entry extends Begun>(): Journal<Entry> => ({
  list: async () => [],
  read: async () => undefined,
  write: async () => {},
  remove: async () => {},
  lock: async () => ({ release: async () => {} }),
  lockedBy: async () => undefined,
});
