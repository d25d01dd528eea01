import { readdirSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startService } from '../src/service.ts';
import { mib, needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
let jobs: string;
beforeAll(async () => {
  scene = await openScene([64 * mib, mib]);
  jobs = join(scene.folder, 'config/jobs');
});
afterAll(() => scene.close());
afterEach(async () => {
  await rm(jobs, { recursive: true, force: true });
  const rest = await scene.rest();
  for (const id of await rest.listImportSessions()) await scene.ovfkit(['sessions', 'abort', id, '--on', 'lab']);
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
});

const importing = (name: string): readonly string[] => [
  ...['import', scene.appliance.folder, '--to', 'lab'],
  ...needed,
  ...['-n', name, '--json'],
];

const movesDisk = (line: string): boolean => line.includes('"type":"file"') && line.includes('disk');
const isComplete = (line: string): boolean => line.includes('"IMPORT_COMPLETED"');

/** An import whose process is killed at such a line; resolves to the id of its job. */
async function killed(name: string, isMoment: (line: string) => boolean): Promise<string> {
  const before = new Set(await listed());
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (isMoment(line)) controller.abort();
  };
  await scene.ovfkit(importing(name), { onLine, signal: controller.signal, by: 'SIGKILL' });
  const [id = ''] = (await listed()).filter((each) => !before.has(each));
  return id;
}

async function listed(): Promise<readonly string[]> {
  const ended = await scene.ovfkit(['sessions', 'list', '--json']);
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
  return JSON.parse(ended.stdout).map(({ id }: { readonly id: string }) => id);
}

const fileOf = (id: string): string => join(jobs, `${id}.json`);
const collected = async (): Promise<unknown> => JSON.parse((await scene.ovfkit(['sessions', 'gc', '--json'])).stdout);

describe('the file of a job that cannot be read', () => {
  test.each([
    ['is empty', () => ''],
    ['is cut short', (whole: string) => whole.slice(0, -20)],
    ['lacks what a job has', (whole: string) => whole.replace('clientToken', 'x')],
  ])('because it %s is told, hinders no other job, and gc removes it', async (_, damage) => {
    const other = await killed('other', movesDisk);
    const id = await killed('damaged', movesDisk);
    await writeFile(fileOf(id), damage(readFileSync(fileOf(id), 'utf8')));
    expect(await listed()).toEqual([other]);
    expect(await scene.ovfkit(['sessions', 'list'])).toMatchObject({ stderr: expect.stringContaining(fileOf(id)) });
    for (const command of [importing('damaged'), ['sessions', 'resume', id], ['sessions', 'abort', id]])
      expect(await scene.ovfkit(command)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/is not the file of a job: it is damaged\n.*sessions gc/),
      });
    expect(await scene.ovfkit(['sessions', 'resume', other])).toMatchObject({ exitCode: 0 });
    expect(await collected()).toEqual([expect.objectContaining({ id, removed: true })]);
    const anew = await scene.ovfkit(importing('damaged'));
    expect(anew, anew.stderr).toMatchObject({ exitCode: 0 });
    expect(readdirSync(jobs)).toEqual([]);
  });

  test('because another version of ovfkit wrote it stays for that', async () => {
    const id = await killed('later', movesDisk);
    const { v, ...rest } = JSON.parse(readFileSync(fileOf(id), 'utf8'));
    await writeFile(fileOf(id), JSON.stringify({ v: v + 1, ...rest }));
    expect(await scene.ovfkit(importing('later'))).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('of another version'),
    });
    expect(await collected()).toEqual([expect.objectContaining({ id, removed: false })]);
    expect(readdirSync(jobs)).toContain(`${id}.json`);
  });
});

test('a session is shown by the id of its job, without its target', async () => {
  const id = await killed('shown', movesDisk);
  const shown = await scene.ovfkit(['sessions', 'show', id, '--json']);
  expect(shown, shown.stderr).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(shown.stdout)).toMatchObject({ kind: 'import', state: 'IMPORT_FILE_TRANSFER' });
});

test('a job is not given up at a target that is not its own', async () => {
  const id = await killed('here', movesDisk);
  const other = await startService({ data: join(scene.folder, 'other') });
  onTestFinished(async () => void (await other.stop()));
  const env = { OVFKIT_PASSWORD: other.password };
  const { host } = new URL(other.url);
  const there = ['--on', `https://${other.user}@${host}`, '--thumbprint', other.thumbprint];
  expect(await scene.ovfkit(['sessions', 'abort', id, ...there], { env })).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/has no session of .*\n.*begun at lab/),
  });
  expect(await listed()).toEqual([id]);
  expect(await (await scene.rest()).listImportSessions()).toHaveLength(1);
});

test('giving up an import that is complete tells which machine stays', async () => {
  const id = await killed('whole', isComplete);
  const [machine] = await (await scene.rest()).listVms();
  expect(await scene.ovfkit(['sessions', 'abort', id])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`${machine?.vm} is complete, and stays`),
  });
  expect(await (await scene.rest()).listVms()).toEqual([machine]);
});
