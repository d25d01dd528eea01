import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { CliError } from '../errors.ts';
import { Job } from './job.ts';
import { type Lock, lockedBy, takeLock } from './lock.ts';

/** What was begun, when. */
interface Begun {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A file in the place of an entry that is none. */
export interface Unreadable {
  readonly id: string;
  readonly path: string;
  /** What another version of ovfkit has written is for that to go on with. */
  readonly why: 'damaged' | 'of another version';
}

/** What has begun and not ended: one file each, of which nobody ever sees half, and which others cannot read. */
export interface Journal<Entry extends Begun = Job> {
  /** Oldest first, without those that cannot be read. */
  list(): Promise<readonly Entry[]>;
  /** What `list` leaves out. */
  unreadable(): Promise<readonly Unreadable[]>;
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

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new CliError('usage', `${path} cannot be read`, { cause: error });
  }
}

/** An entry, or why its file has none. */
function parsed<Entry>(text: string, schema: z.ZodType<Entry>): Entry | Unreadable['why'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'damaged';
  }
  const { data, success } = schema.safeParse(value);
  if (success) return data;
  const isOther = typeof value === 'object' && value !== null && 'v' in value && value.v !== 1;
  return isOther ? 'of another version' : 'damaged';
}

const isEntry = <Entry extends Begun>(read: Entry | string | undefined): read is Entry => typeof read === 'object';

async function readEntry<Entry extends Begun>(path: string, schema: z.ZodType<Entry>): Promise<Entry | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const read = parsed(text, schema);
  if (isEntry(read)) return read;
  throw new CliError('usage', `${path} is not the file of a job: it is ${read}`, {
    hint:
      read === 'damaged'
        ? 'ovfkit sessions gc removes it; then the same command begins anew.'
        : 'Go on with the ovfkit that wrote it; or remove the file, and begin anew.',
  });
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
  const readAll = async () => {
    const names = await readdir(folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const ids = names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
    return Promise.all(
      ids.map(async (id) => {
        const text = await textOf(pathOf(id));
        return { id, read: text === undefined ? undefined : parsed(text, schema) };
      }),
    );
  };
  return {
    list: async () =>
      (await readAll())
        .map(({ read }) => read)
        .filter(isEntry)
        .toSorted((a, b) => a.createdAt - b.createdAt),
    unreadable: async () =>
      (await readAll()).flatMap(({ id, read }) =>
        typeof read === 'string' ? [{ id, path: pathOf(id), why: read }] : [],
      ),
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
  unreadable: async () => [],
  read: async () => undefined,
  write: async () => {},
  remove: async () => {},
  lock: async () => ({ release: async () => {} }),
  lockedBy: async () => undefined,
});
