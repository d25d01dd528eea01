import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, type JsonLine, jsonLines } from '../src/ovfkit.ts';
import { compareDisks } from '../src/verify.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let jobs: string;
beforeAll(async () => {
  scene = await openScene([96 * mib, 16 * mib]);
  jobs = join(scene.folder, 'config/jobs');
  const imported = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', '-n', 'web01', ...needed]);
  expect(imported, imported.stderr).toMatchObject({ exitCode: 0 });
});
afterAll(() => scene.close());

const filesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

afterEach(async () => {
  expect(filesIn(jobs)).toEqual([]);
  expect(await exportsAt()).toEqual([]);
});

const command = (output: string, ...more: readonly string[]): readonly string[] => [
  ...['export', 'web01', '--from', 'lab', '-o', output],
  ...more,
  '--json',
];

async function exportsAt(): Promise<readonly { readonly id: string }[]> {
  const { stdout } = await scene.ovfkit(['sessions', 'list', '--on', 'lab', '--json']);
  return JSON.parse(stdout).filter(({ kind }: { readonly kind: string }) => kind === 'export');
}

const isDisk = (line: string): boolean => line.includes('disk') && line.includes('"type":"file"');

const moments = {
  'its session is made': (line: string) => line.includes('"type":"session"'),
  'disks move': isDisk,
  'one disk is through': (line: string) => {
    if (!isDisk(line)) return false;
    const { transferred, size }: Record<string, unknown> = JSON.parse(line);
    return transferred === size;
  },
} as const;

/** Runs a command and sends it a signal as soon as one of its lines is of the kind. */
function stoppedAt(
  args: readonly string[],
  { isMoment, by }: { readonly isMoment: (line: string) => boolean; readonly by: NodeJS.Signals },
): Promise<Ended> {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (isMoment(line)) controller.abort();
  };
  return scene.ovfkit(args, { onLine, signal: controller.signal, by });
}

const ofType = (ended: Ended, type: string): readonly JsonLine[] =>
  jsonLines(ended.stdout).filter((line) => line.type === type);

/** Sizes of what an export has not given its names yet. */
function partsOf(output: string): number {
  if (output.endsWith('.ova')) return existsSync(`${output}.part`) ? statSync(`${output}.part`).size : 0;
  return filesIn(output).reduce((sum, name) => sum + statSync(join(output, name)).size, 0);
}

const sizeOf = (ended: Ended): number => {
  const files = resultOf(ended)['files'];
  if (!Array.isArray(files)) throw new Error('the result has no files');
  return files.reduce((sum: number, { size }: { readonly size: number }) => sum + size, 0);
};

async function expectWhole(output: string): Promise<void> {
  expect(existsSync(`${output}.part`)).toBe(false);
  expect(filesIn(output.endsWith('.ova') ? '' : output).filter((name) => name.endsWith('.part'))).toEqual([]);
  expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
  expect(await compareDisks(scene.appliance.folder, output)).toBeGreaterThan(mib);
}

describe.each(['.ova', ''])('kill -9 of an export to PATH%s', (end) => {
  test.each(Object.entries(moments))(
    'when %s: the same command goes on in the same session, and fetches nothing that is there',
    async (moment, isMoment) => {
      const output = join(scene.folder, `killed ${moment}${end}`);
      const first = await stoppedAt(command(output), { isMoment, by: 'SIGKILL' });
      expect(existsSync(output) && output.endsWith('.ova')).toBe(false);
      const there = partsOf(output);
      const again = await scene.ovfkit(command(output));
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      const result = resultOf(again);
      expect(result['sessionId']).toBe(ofType(first, 'session')[0]?.['id']);
      // an archive has headers besides
      expect(result['bytesReceived']).toBeLessThanOrEqual(sizeOf(again) - there + 16 * 1024);
      await expectWhole(output);
    },
  );

  test('whose part was damaged since: what is wrong is fetched again, and told', async () => {
    const output = join(scene.folder, `damaged${end}`);
    await stoppedAt(command(output), { isMoment: moments['one disk is through'], by: 'SIGKILL' });
    const parts = end === '' ? filesIn(output).map((name) => join(output, name)) : [`${output}.part`];
    for (const part of parts) {
      const bytes = await readFile(part);
      const at = Math.floor(bytes.length / 2);
      if (bytes.length > 0) bytes[at] = 255 - (bytes[at] ?? 0);
      await writeFile(part, bytes);
    }
    const again = await scene.ovfkit(command(output));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(ofType(again, 'retry').length).toBeGreaterThan(0);
    await expectWhole(output);
  });

  test('whose session is over: another is made, and what is there is kept all the same', async () => {
    const output = join(scene.folder, `forgotten${end}`);
    await stoppedAt(command(output), { isMoment: moments['one disk is through'], by: 'SIGKILL' });
    const [left] = await exportsAt();
    await (await scene.rest()).deleteExportSession(left?.id ?? '');
    const there = partsOf(output);
    const again = await scene.ovfkit(command(output));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).not.toBe(left?.id);
    expect(resultOf(again)['bytesReceived']).toBeLessThanOrEqual(sizeOf(again) - there + 16 * 1024);
    await expectWhole(output);
  });

  test('leaves a job that is listed, attached to, and resumed by its id', async () => {
    const output = join(scene.folder, `resumed${end}`);
    await stoppedAt(command(output), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [job, ...others] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(others).toEqual([]);
    expect(job).toMatchObject({ kind: 'export', package: output, from: 'lab' });
    const attached = await scene.ovfkit(['sessions', 'attach', job.id, '--json']);
    expect(attached, attached.stderr).toMatchObject({ exitCode: 0 });
    const gc = JSON.parse((await scene.ovfkit(['sessions', 'gc', '--json'])).stdout);
    expect(gc).toEqual([expect.objectContaining({ id: job.id, removed: false })]);
    const again = await scene.ovfkit(['sessions', 'resume', job.id, '--json']);
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    await expectWhole(output);
  });

  test('leaves a job that abort ends: neither a session nor a part stays', async () => {
    const output = join(scene.folder, `aborted${end}`);
    await stoppedAt(command(output), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [job] = JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
    expect(await scene.ovfkit(['sessions', 'abort', job.id])).toMatchObject({ exitCode: 0 });
    expect(partsOf(output)).toBe(0);
  });

  test('leaves a job that gc removes with its parts when the session is over', async () => {
    const output = join(scene.folder, `collected${end}`);
    await stoppedAt(command(output), { isMoment: moments['disks move'], by: 'SIGKILL' });
    const [left] = await exportsAt();
    await (await scene.rest()).deleteExportSession(left?.id ?? '');
    const gc = JSON.parse((await scene.ovfkit(['sessions', 'gc', '--json'])).stdout);
    expect(gc).toEqual([expect.objectContaining({ removed: true })]);
    expect(partsOf(output)).toBe(0);
  });
});

test('kill -9 of the server and of an export: both go on, and every byte is right', async () => {
  const output = join(scene.folder, 'both.ova');
  await stoppedAt(command(output), { isMoment: moments['disks move'], by: 'SIGKILL' });
  await scene.restart();
  const again = await scene.ovfkit(command(output));
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  await expectWhole(output);
});

test('a part that became shorter is gone on with from where it ends', async () => {
  const output = join(scene.folder, 'shorter.ova');
  await stoppedAt(command(output), { isMoment: moments['one disk is through'], by: 'SIGKILL' });
  const there = Math.floor(partsOf(output) / 2);
  truncateSync(`${output}.part`, there);
  const again = await scene.ovfkit(command(output));
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  expect(resultOf(again)['bytesReceived']).toBeGreaterThanOrEqual(sizeOf(again) - there);
  await expectWhole(output);
});

test.each([
  ['SIGTERM', [], 0],
  ['SIGHUP', [], 1],
  ['SIGINT', ['--on-interrupt', 'keep'], 1],
] as const)('%s with %j leaves %i exports, and says how to go on with what is left', async (by, more, left) => {
  const output = join(scene.folder, `signalled ${by}.ova`);
  const ended = await stoppedAt(command(output, ...more), { isMoment: moments['disks move'], by });
  expect(ended.exitCode).toBeGreaterThan(128);
  expect(await exportsAt()).toHaveLength(left);
  expect(existsSync(`${output}.part`)).toBe(left === 1);
  const said = ofType(ended, 'information').map(({ message }) => message);
  expect(said.some((message) => String(message).includes('ovfkit sessions resume'))).toBe(left === 1);
  if (left === 1) expect(await scene.ovfkit(command(output))).toMatchObject({ exitCode: 0 });
  expect(existsSync(output)).toBe(left === 1);
});
