import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines } from '../src/ovfkit.ts';
import { makeAppliance, packAppliance } from '../src/sample-appliance.ts';
import { compareDisks } from '../src/verify.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let archive: string;
let size: number;
beforeAll(async () => {
  scene = await openScene([16 * mib, 48 * mib]);
  archive = await scene.pack();
  ({ size } = await stat(archive));
});
afterAll(() => scene.close());
afterEach(async () => {
  const rest = await scene.rest();
  expect(await rest.listImportSessions()).toEqual([]);
  expect(readdirSync(join(scene.folder, 'config/jobs')).filter((name) => name !== 'traces')).toEqual([]);
  for (const { vm } of await rest.listVms()) await rest.deleteVm(vm);
});

interface Piping {
  readonly path?: string;
  /** Bytes after which the pipe breaks. */
  readonly upTo?: number;
  /** Whether a line of its output is the moment to kill it. */
  readonly isMoment?: (line: string) => boolean;
}

/** `cat PATH | ovfkit …`, killed at a moment, when there is one. */
function piped(
  command: readonly string[],
  { path = archive, upTo = Number.POSITIVE_INFINITY, isMoment = () => false }: Piping = {},
): Promise<Ended> {
  const controller = new AbortController();
  return scene.ovfkit([...command, '--json'], {
    input: createReadStream(path, { end: upTo - 1 }),
    killSignal: controller.signal,
    onLine: (line) => {
      if (isMoment(line)) controller.abort();
    },
  });
}

const importing = (name: string, ...more: readonly string[]) =>
  ['import', '-', '--to', 'lab', '-n', name, ...needed, ...more] as const;

const sessionOf = ({ stdout }: Ended): unknown => jsonLines(stdout).find(({ type }) => type === 'session')?.['id'];

/** Killed when the second disk is on its way. */
const killedWithin = (name: string, path = archive): Promise<Ended> =>
  piped(importing(name), {
    path,
    isMoment: (line) => line.includes('disk2') && line.includes('"type":"file"'),
  });

async function jobs(): Promise<readonly { readonly id: string }[]> {
  return JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
}

async function expectWhole(name: string, of = scene.appliance.folder): Promise<void> {
  const output = join(scene.folder, `exported-${name}`);
  expect(await scene.ovfkit(['export', name, '--from', 'lab', '-o', output])).toMatchObject({ exitCode: 0 });
  expect(await compareDisks(of, output)).toBeGreaterThan(64 * 1024);
  await rm(output, { recursive: true });
}

describe('a package from a pipe', () => {
  test('goes on in its session after kill -9, and no complete file is sent again', async () => {
    const first = await killedWithin('killed');
    const again = await piped(importing('killed'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(sessionOf(first));
    const second = jsonLines(again.stdout).find(({ name }) => String(name).includes('disk2'));
    expect(resultOf(again)['bytesSent']).toBeLessThanOrEqual(Number(second?.['size']));
    await expectWhole('killed');
  });

  test('goes on after the service was killed as well', async () => {
    const first = await killedWithin('both');
    await scene.restart();
    const again = await piped(importing('both'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(sessionOf(first));
    await expectWhole('both');
  });

  test('goes on by its id, with the package piped', async () => {
    const first = await killedWithin('resumed');
    const [job] = await jobs();
    const again = await piped(['sessions', 'resume', job?.id ?? '']);
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(sessionOf(first));
    await expectWhole('resumed');
  });

  test('whose pipe breaks goes on when all of it is piped', async () => {
    const first = await piped(importing('broken'), { upTo: size - 2 * mib });
    expect(first).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('pipe the same package') });
    const again = await piped(importing('broken'));
    expect(again, again.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(again)['sessionId']).toBe(sessionOf(first));
    await expectWhole('broken');
  });

  test.each([
    ['gzip', () => createGzip({ level: 1 })],
    ['zstd', () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } })],
  ])(
    'that is compressed with %s, and breaks in its second disk, goes on without sending the first again',
    async (name, compress) => {
      const path = `${archive}.${name}`;
      await pipeline(createReadStream(archive), compress(), createWriteStream(path));
      const first = await piped(importing(name), { path, upTo: (await stat(path)).size - 2 * mib });
      expect(first).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('pipe the same package') });
      expect(first.stderr).toContain(`ends in the middle of its ${name} data`);
      const again = await piped(importing(name), { path });
      expect(again, again.stderr).toMatchObject({ exitCode: 0 });
      expect(resultOf(again)['sessionId']).toBe(sessionOf(first));
      const [, second = ''] = scene.appliance.disks;
      expect(resultOf(again)['bytesSent']).toBeLessThan((await stat(second)).size);
      await expectWhole(name);
    },
  );

  test('that breaks when the target has everything already makes its machine all the same', async () => {
    expect(await piped(importing('before'))).toMatchObject({ exitCode: 0 });
    const cut = await piped(importing('cut'), { upTo: size - 2 * mib });
    expect(cut, cut.stderr).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('broke off when the target had everything already'),
    });
    await expectWhole('cut');
  });

  test('is refused when another one is piped to its id, and stays', async () => {
    const path = await otherPackage();
    await killedWithin('mine');
    const [job] = await jobs();
    const refused = await piped(['sessions', 'resume', job?.id ?? ''], { path });
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('is not the package') });
    expect(await piped(importing('mine'))).toMatchObject({ exitCode: 0 });
    await expectWhole('mine');
  });

  test('has nothing to do with the session of another one that was piped to the same command', async () => {
    const path = await otherPackage();
    const first = await killedWithin('same');
    const other = await piped(importing('same'), { path });
    expect(other, other.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(other)['sessionId']).not.toBe(sessionOf(first));
    await expectWhole('same', join(scene.folder, 'other'));
    const [job] = await jobs();
    expect(await scene.ovfkit(['sessions', 'abort', job?.id ?? ''])).toMatchObject({ exitCode: 0 });
  });

  test('takes the place of a machine', async () => {
    const before = resultOf(await piped(importing('taken')))['vmId'];
    expect(await piped(importing('taken'))).toMatchObject({ exitCode: 5 });
    const after = await piped(importing('taken', '--if-exists', 'replace'));
    expect(after, after.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(after)['vmId']).not.toBe(before);
    await expectWhole('taken');
  });

  test('cannot be planned', async () => {
    expect(await piped(['plan', '-', '--to', 'lab'])).toMatchObject({ exitCode: 2 });
  });
});

/** Another appliance, in a folder and as an archive, whose path it resolves to. */
async function otherPackage(): Promise<string> {
  const folder = join(scene.folder, 'other');
  const other = await makeAppliance({ folder, name: 'other', capacities: [2 * mib] });
  const path = join(scene.folder, 'other.ova');
  await packAppliance(other, path);
  return path;
}
