// One file, `ID.N.lock`, of one line: the process and when it started, `4711 1893220`.
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who holds a job. `startedAt` tells a process from a later one of the same number; it is empty where the system does not say. */
interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/** A job that this process alone works on. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * When a process started, in ticks since the machine did: field 22 of `/proc/PID/stat`, whose second field may have spaces and brackets in it.
 * One that ended and that nobody has waited for yet, as in a container without an init, has its number still, and no start.
 */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? 'ended' : (fields[18] ?? '');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

const isAlive = async ({ pid, startedAt }: Holder): Promise<boolean> =>
  isRunning(pid) && (await startOf(pid)) === startedAt;

interface Generation {
  readonly path: string;
  readonly number: number;
}

async function generationsOf(folder: string, id: string): Promise<readonly Generation[]> {
  const names = await readdir(folder);
  return names
    .flatMap((name) => {
      const [, number] = name.startsWith(`${id}.`) ? (/\.(\d+)\.lock$/.exec(name) ?? []) : [];
      return number === undefined ? [] : [{ path: join(folder, name), number: Number(number) }];
    })
    .toSorted((a, b) => a.number - b.number);
}

async function holderOf(path: string): Promise<Holder | undefined> {
  const [pid = '', startedAt = ''] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
  return pid === '' ? undefined : { pid: Number(pid), startedAt };
}

async function liveAmong(generations: readonly Generation[]): Promise<number | undefined> {
  for (const { path } of generations) {
    const holder = await holderOf(path);
    if (holder !== undefined && (await isAlive(holder))) return holder.pid;
  }
  return undefined;
}

/** The live process that works on a job; nothing when there is none. */
export const lockedBy = async (folder: string, id: string): Promise<number | undefined> =>
  liveAmong(await generationsOf(folder, id));

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Makes a file with its content, or not at all. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** What processes left that were killed while they took the job. */
async function removeDrafts(folder: string, id: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, pid] = name.startsWith(`${id}.`) ? (/^[^.]+\.(\d+)\.draft$/.exec(name) ?? []) : [];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

/**
 * Takes a job for this process, or resolves to the number of the live process that has it. The lock of a dead one is never
 * replaced but outdone, by the next number: of two that find it dead at once, one makes that file and the other does not.
 */
export async function takeLock(folder: string, id: string): Promise<Lock | number> {
  const draft = join(folder, `${id}.${process.pid}.draft`);
  try {
    await writeFile(draft, `${process.pid} ${await startOf(process.pid)}\n`, { mode: 0o600 });
    for (;;) {
      const found = await generationsOf(folder, id);
      const pid = await liveAmong(found);
      if (pid !== undefined) return pid;
      const number = (found.at(-1)?.number ?? 0) + 1;
      const path = join(folder, `${id}.${number}.lock`);
      if (!(await linked(draft, path))) continue;
      for (const each of found) await rm(each.path, { force: true });
      const others = (await generationsOf(folder, id)).filter((each) => each.number !== number);
      if ((await liveAmong(others)) === undefined) {
        await removeDrafts(folder, id);
        return { release: () => rm(path, { force: true }) };
      }
      await rm(path, { force: true }); // counted from an older list than the other: who holds it now is asked again
    }
  } finally {
    await rm(draft, { force: true });
  }
}
