import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { failureOf } from '../../src/failure/failure-of.ts';
import type { Job } from '../../src/journal/job.ts';
import { openJournal } from '../../src/journal/journal.ts';
import { takeLock } from '../../src/journal/lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const job = (id: string, createdAt = 0): Job => ({
  v: 1,
  id,
  createdAt,
  options: { source: '/a.ova', to: 'lab', verify: true },
  fingerprint: 'f',
  clientToken: 't',
});

test('a lock that finds no room on the disk leaves nothing of itself', async () => {
  // as every disk does that is full, this device refuses what is written to it
  await symlink('/dev/full', join(folder, `a.${process.pid}.draft`));
  await expect(openJournal(folder).lock('a')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(await readdir(folder)).toEqual([]);
});

test('of a job that the system does not let be read it is told what to do', async () => {
  await writeFile(join(folder, 'file'), '');
  const refused = await openJournal(join(folder, 'file'))
    .read('a')
    .catch((error: unknown) => failureOf(error));
  expect(refused).toMatchObject({
    message: expect.stringContaining('cannot be read'),
    hint: expect.stringContaining('a file is in the way'),
  });
});

test('a job is there for whoever opens the folder, oldest first, and only its user can read it', async () => {
  const jobs = join(folder, 'made/when/needed');
  expect(await openJournal(jobs).list()).toEqual([]);
  await openJournal(jobs).write(job('b', 2));
  await openJournal(jobs).write(job('a', 3));
  await openJournal(jobs).write({ ...job('b', 2), sessionId: 's' });
  expect(await openJournal(jobs).list()).toEqual([{ ...job('b', 2), sessionId: 's' }, job('a', 3)]);
  expect((await stat(join(jobs, 'a.json'))).mode % 0o1000).toBe(0o600);
  expect((await stat(jobs)).mode % 0o1000).toBe(0o700);
  await openJournal(jobs).remove('b');
  expect(await openJournal(jobs).read('b')).toBeUndefined();
  expect(await readdir(jobs)).toEqual(['a.json']);
});

test('a draft that a killed process left is no job, and goes with the next that has it', async () => {
  const gone = spawn(process.execPath, ['--version']);
  await once(gone, 'exit');
  await writeFile(join(folder, 'a.json.draft'), '{"v"');
  await writeFile(join(folder, `a.${gone.pid}.draft`), '');
  const journal = openJournal(folder);
  expect(await journal.list()).toEqual([]);
  const lock = await journal.lock('a');
  await journal.remove('a');
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
});

test('a file that is no job, or of a later version, is refused by name', async () => {
  await writeFile(join(folder, 'a.json'), JSON.stringify({ ...job('a'), v: 2 }));
  await expect(openJournal(folder).read('a')).rejects.toThrow(/a\.json is not the file of a job/);
});

test('a job has one holder, and another when that one lets go', async () => {
  const journal = openJournal(folder);
  const lock = await journal.lock('a');
  expect(await journal.lockedBy('a')).toBe(process.pid);
  await expect(journal.lock('a')).rejects.toThrow(`process ${process.pid}`);
  await (await journal.lock('b')).release();
  await lock.release();
  expect(await journal.lockedBy('a')).toBeUndefined();
  await (await journal.lock('a')).release();
  expect(await readdir(folder)).toEqual([]);
});

test('the lock of a process that is gone is no lock', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(folder, 'a.3.lock'), `${child.pid} 1\n`);
  const lock = await openJournal(folder).lock('a');
  expect(await readdir(folder)).toEqual(['a.4.lock']);
  await lock.release();
});

test.runIf(existsSync('/proc/self/stat'))(
  'the lock of a process that ended, and that its parent does not wait for, is no lock',
  async () => {
    // the shell's child outlives it as a child of sleep, which waits for nobody
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void parent.kill());
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    const status = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    await writeFile(join(folder, 'a.1.lock'), `${pid} ${(await status())[19]}\n`);
    expect(await openJournal(folder).lockedBy('a')).toBe(pid);
    await expect.poll(async () => (await readFile(`/proc/${parent.pid}/comm`, 'utf8')).trim()).toBe('sleep');
    process.kill(pid, 'SIGKILL');
    await expect.poll(async () => (await status())[0]).toBe('Z');
    await (await openJournal(folder).lock('a')).release();
  },
);

test('the lock of a process whose number another has by now is no lock', async () => {
  await writeFile(join(folder, 'a.1.lock'), `${process.pid} 1\n`);
  await (await openJournal(folder).lock('a')).release();
});

test('of many processes that find a dead one one gets the job', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  onTestFinished(() => void child.kill('SIGKILL'));
  await writeFile(join(folder, 'a.1.lock'), `${child.pid} 1\n`); // alive, but not since then
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeLock(folder, 'a')));
  expect(taken.filter((each) => typeof each === 'object')).toHaveLength(1);
  expect(taken.filter((each) => each === process.pid)).toHaveLength(7);
});
