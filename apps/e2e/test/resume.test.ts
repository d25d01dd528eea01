import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, type JsonLine, jsonLines } from '../src/ovfkit.ts';
import { ovfkitPath } from '../src/programs.ts';
import { compareDisks } from '../src/verify.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let jobs: string;
beforeAll(async () => {
  scene = await openScene([96 * mib, 16 * mib]);
  jobs = join(scene.folder, 'config/jobs');
});
afterAll(() => scene.close());

const filesOfJobs = (): readonly string[] => {
  try {
    return readdirSync(jobs);
  } catch {
    return [];
  }
};

const args = (...more: readonly string[]): readonly string[] => [
  'import',
  scene.appliance.folder,
  '--to',
  'lab',
  ...needed,
  ...more,
  '--json',
];

/** A command as a process to do things to. */
function spawnOvfkit(command: readonly string[]) {
  const { PATH, HOME } = process.env;
  const config = join(scene.folder, 'config');
  const env = { PATH, HOME, OVFKIT_CONFIG_DIR: config, OVFKIT_STATE_DIR: config };
  return spawn(process.execPath, [ovfkitPath, ...command], { env });
}

/** Runs a command and sends it a signal as soon as one of its lines is of the kind. */
async function stoppedAt(
  command: readonly string[],
  { isMoment, by }: { readonly isMoment: (line: string) => boolean; readonly by: NodeJS.Signals },
): Promise<Ended> {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (isMoment(line)) controller.abort();
  };
  return scene.ovfkit(command, { onLine, signal: controller.signal, by });
}

const moments = {
  'its session is made': (line: string) => line.includes('"type":"session"'),
  'parameters are chosen': (line: string) => line.includes('"IMPORT_SELECTING_OVF_PARAMS"'),
  'disks move': (line: string) => line.includes('disk') && line.includes('"type":"file"'),
  'one disk is through': (line: string) => {
    if (!line.includes('"type":"file"') || !line.includes('disk')) return false;
    const { transferred, size }: Record<string, unknown> = JSON.parse(line);
    return transferred === size;
  },
  'the machine is made': (line: string) => line.includes('"IMPORT_INSTANTIATING"'),
} as const;

const ofType = (ended: Ended, type: string): readonly JsonLine[] =>
  jsonLines(ended.stdout).filter((line) => line.type === type);

/** Bytes of the files that were through, by the lines of the command. */
function throughIn(ended: Ended): number {
  const sizes = new Map(
    ofType(ended, 'file')
      .filter(({ transferred, size }) => transferred === size)
      .map(({ name, size }) => [name, Number(size)]),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

const packageSize = (): number =>
  readdirSync(scene.appliance.folder).reduce((sum, name) => sum + statSync(join(scene.appliance.folder, name)).size, 0);

async function expectOneMachine(name: string): Promise<void> {
  const rest = await scene.rest();
  expect((await rest.listVms()).map((vm) => vm.name)).toEqual([name]);
  expect(await rest.listImportSessions()).toEqual([]);
  expect(filesOfJobs()).toEqual([]);
}

async function removeMachines(): Promise<void> {
  const rest = await scene.rest();
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
}
afterEach(removeMachines);

describe('kill -9 of the client', () => {
  test.each(Object.entries(moments))(
    'when %s: the same command, from another folder, goes on in the same session and sends nothing twice',
    async (_, isMoment) => {
      const first = await stoppedAt(args('-n', 'killed'), { isMoment, by: 'SIGKILL' });
      const again = await scene.ovfkit(
        args('-n', 'killed').map((arg) => (arg === scene.appliance.folder ? 'sample' : arg)),
        { cwd: scene.folder },
      );
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      const result = resultOf(again);
      expect(result['sessionId']).toBe(ofType(first, 'session')[0]?.['id']);
      expect(result['bytesSent']).toBeLessThanOrEqual(packageSize() - throughIn(first));
      await expectOneMachine('killed');
    },
  );

  test('and of the server: both go on, and every byte is right', async () => {
    const first = await stoppedAt(args('-n', 'both'), { isMoment: moments['disks move'], by: 'SIGKILL' });
    await scene.restart();
    const again = await scene.ovfkit(args('-n', 'both'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(ofType(first, 'session')[0]?.['id']);
    const output = join(scene.folder, 'both');
    expect(await scene.ovfkit(['export', 'both', '--from', 'lab', '-o', output])).toMatchObject({ exitCode: 0 });
    expect(await compareDisks(scene.appliance.folder, output)).toBeGreaterThan(mib);
    await expectOneMachine('both');
  });

  test('leaves a job that sessions lists, and resume goes on with, by its own id or that of its session', async () => {
    const first = await stoppedAt(args('-n', 'resumed'), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [job, ...others] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ to: 'lab', package: scene.appliance.folder });
    expect(job.pid).toBeUndefined();
    expect(statSync(join(jobs, `${job.id}.json`)).mode % 0o1000).toBe(0o600);
    const id = String(ofType(first, 'session')[0]?.['id']);
    const again = await scene.ovfkit(['sessions', 'resume', id, '--json']);
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    await expectOneMachine('resumed');
  });

  test('leaves a job that abort ends at the target and here', async () => {
    await stoppedAt(args(), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [job] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(await scene.ovfkit(['sessions', 'abort', job.id])).toMatchObject({ exitCode: 0 });
    expect(await (await scene.rest()).listImportSessions()).toEqual([]);
    expect(filesOfJobs().filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  test('leaves a job that gc removes only when its session is gone', async () => {
    await stoppedAt(args('-n', 'left'), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const removed = async () => JSON.parse((await scene.ovfkit(['sessions', 'gc', '--json'])).stdout)[0].removed;
    expect(await removed()).toBe(false);
    const [job] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(await scene.ovfkit(['sessions', 'abort', job.sessionId, '--on', 'lab'])).toMatchObject({ exitCode: 0 });
    await writeFile(join(jobs, `${job.id}.json`), JSON.stringify({ ...jobOf(job.id), sessionId: job.sessionId }));
    expect(await removed()).toBe(true);
    expect(filesOfJobs().filter((name) => name.endsWith('.json'))).toEqual([]);
  });

  const jobOf = (id: string) => ({
    v: 1,
    id,
    createdAt: 0,
    options: { source: scene.appliance.folder, to: 'lab', verify: true },
    fingerprint: '',
    clientToken: 'any',
  });

  test('and a package that changed meanwhile: the import begins anew', async () => {
    const first = await stoppedAt(args('-n', 'changed'), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [name = ''] = readdirSync(scene.appliance.folder).filter((each) => each.endsWith('.ovf'));
    await utimes(join(scene.appliance.folder, name), 1, 1);
    const again = await scene.ovfkit(args('-n', 'changed'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).not.toBe(ofType(first, 'session')[0]?.['id']);
    expect(resultOf(again)['bytesSent']).toBe(packageSize());
    await expectOneMachine('changed');
  });
});

describe('a signal', () => {
  test.each([
    ['SIGTERM', [], 0],
    ['SIGHUP', [], 1],
    ['SIGHUP', ['--on-interrupt', 'abort'], 0],
    ['SIGINT', ['--on-interrupt', 'keep'], 1],
  ] as const)('%s with %j leaves %i sessions, and says how to go on with what is left', async (by, more, left) => {
    const ended = await stoppedAt(args('-n', 'signalled', ...more), { isMoment: moments['disks move'], by });
    expect(ended.exitCode).toBeGreaterThan(128);
    expect(await (await scene.rest()).listImportSessions()).toHaveLength(left);
    const said = ofType(ended, 'information').map(({ message }) => message);
    expect(said.some((message) => String(message).includes('ovfkit sessions resume'))).toBe(left === 1);
    if (left === 1) expect(await scene.ovfkit(args('-n', 'signalled'))).toMatchObject({ exitCode: 0 });
    expect(filesOfJobs()).toEqual([]);
  });

  test('that nobody can send, a closed pipe, does not end an import', async () => {
    const child = spawnOvfkit(args('-n', 'unheard'));
    child.stdout.once('data', () => child.stdout.destroy());
    child.stderr.destroy();
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    await expectOneMachine('unheard');
  });
});

test('the same import is not run twice at once, and can be watched meanwhile', async () => {
  const command = args('-n', 'alone');
  const running = spawnOvfkit(command);
  const ended = once(running, 'exit');
  // held still as soon as it has its session, so that there is time to look at it
  const id = await new Promise<string>((resolve) => {
    createInterface({ input: running.stdout }).on('line', (line) => {
      if (!moments['its session is made'](line)) return;
      running.kill('SIGSTOP');
      resolve(JSON.parse(line).id);
    });
  });
  expect(await scene.ovfkit(command)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(`runs already, as process ${running.pid}`),
  });
  const watching = await scene.ovfkit(['sessions', 'attach', id, '--json'], {
    onLine: (line) => {
      if (line.includes('"type":"state"')) running.kill('SIGCONT');
    },
  });
  expect(watching, watching.stderr).toMatchObject({ exitCode: 0 });
  await ended;
  expect(running.exitCode).toBe(0);
  await expectOneMachine('alone');
});

test('an import that cannot be written down works all the same, and says that it cannot go on', async () => {
  const file = join(scene.folder, 'no-folder');
  await writeFile(file, '');
  const ended = await scene.ovfkit(args('-n', 'unwritten'), { env: { OVFKIT_STATE_DIR: file } });
  expect(ended, ended.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('cannot be written down') });
  await expectOneMachine('unwritten');
});
