// Ctrl-C in the middle of what writes large files: the folder is afterwards as it was before.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOvfkit } from '../src/ovfkit.ts';
import { makeAppliance } from '../src/sample-appliance.ts';

const mib = 1024 ** 2;
let folder = '';
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-offline-interrupt-'));
  await makeAppliance({ folder: path('sample'), name: 'sample', capacities: [192 * mib] });
  const { exitCode, stderr } = await runOvfkit(['pack', path('sample'), '-o', path('sample.ova')], {
    config: path('config'),
  });
  expect(exitCode, stderr).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const listing = async (): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true, encoding: 'utf8' })).toSorted();

test.each([
  ['pack', ['sample', '-o', 'made.ova']],
  ['pack', ['sample.ova', '-o', 'made', '--compress', '--chunk-size', '16MiB']],
  ['unpack', ['sample.ova', '-o', 'made']],
  ['repair', ['sample.ova', '-o', 'made.ova', '--sha', '512', '--new-manifest']],
  ['convert', ['sample/sample-disk1.vmdk', 'made.raw']],
  ['convert', ['sample/sample-disk1.vmdk', 'made.qcow2']],
])('Ctrl-C while %s %j is under way leaves nothing behind', async (command, args) => {
  const before = await listing();
  const controller = new AbortController();
  const ended = await runOvfkit(
    [command, ...args.map((arg) => (/^(?:sample|made)/.test(arg) ? path(arg) : arg)), '--json'],
    {
      config: path('config'),
      signal: controller.signal,
      onLine: (line) => {
        if (line.includes('"type":"file"')) controller.abort();
      },
    },
  );
  expect(ended, ended.stderr).toMatchObject({ exitCode: 130 });
  expect(await listing()).toEqual(before);
});
