// Packages through pipes, as a shell makes them.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ovfkitPath } from '../src/programs.ts';
import { makeAppliance, type SampleAppliance } from '../src/sample-appliance.ts';

const mib = 1024 ** 2;
let folder = '';
let appliance: SampleAppliance;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-pipes-'));
  appliance = await makeAppliance({ folder: join(folder, 'sample'), name: 'sample', capacities: [3 * mib] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);
const run = promisify(execFile);

/** Runs a shell with `ovfkit` and the `sample` in it; the places of temporary files lie in the folder. */
async function shell(
  text: string,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> {
  const script = `ovfkit() { "${process.execPath}" "${ovfkitPath}" "$@"; }\nsample="${appliance.folder}"\n${text}`;
  const env = { ...process.env, TMPDIR: folder, OVFKIT_CONFIG_DIR: path('config'), NO_COLOR: '1' };
  try {
    return { ...(await run('bash', ['-o', 'pipefail', '-c', script], { cwd: folder, env })), code: 0 };
  } catch (error) {
    // execFile rejects with the output and the code on the error
    return error as { stdout: string; stderr: string; code: number };
  }
}

/** Every file of a folder but the seals, which may be another way round. */
async function filesOf(name: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(name)).filter((each) => !/\.(?:mf|cert)$/.test(each)).toSorted();
  return new Map(await Promise.all(names.map(async (each) => [each, await readFile(join(name, each))] as const)));
}

const leftOvers = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => /\.part$|^ovfkit-/.test(name));

describe('through a pipe', () => {
  test('a folder is packed and unpacked to the same folder', async () => {
    const { code, stderr } = await shell('ovfkit pack "$sample" -o - | ovfkit unpack - -o back');
    expect(code, stderr).toBe(0);
    expect(await filesOf(path('back'))).toEqual(await filesOf(appliance.folder));
    expect(await shell('ovfkit verify back')).toMatchObject({ code: 0 });
    expect(await leftOvers()).toEqual([]);
  });

  test('a package is compressed, cut, repaired and made plain again', async () => {
    const { code, stderr } = await shell(
      `ovfkit pack "$sample" -o - --compress --chunk-size 4KiB | ovfkit repair - -o - --hardware vmx-21 --sha 512 |
       ovfkit unpack - -o plain --plain`,
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('HARDWARE_VERSION');
    expect(stderr).not.toContain('MEMBER_ORDER');
    const [disks, before] = [await filesOf(path('plain')), await filesOf(appliance.folder)];
    for (const [name, bytes] of before) if (!name.endsWith('.ovf')) expect(disks.get(name)).toEqual(bytes);
    expect(await leftOvers()).toEqual([]);
  });

  test('a repair says what it would change, and writes nothing', async () => {
    const { code, stdout, stderr } = await shell(
      'ovfkit pack "$sample" -o - | ovfkit repair - --dry-run --hardware vmx-21',
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('HARDWARE_VERSION');
    expect(stderr).toContain('Standard input is kept in a temporary file');
    expect(await leftOvers()).toEqual([]);
  });

  test('standard input is kept beside the target, and gone afterwards', async () => {
    const { code, stderr } = await shell('ovfkit pack "$sample" -o - | ovfkit pack - -o kept.ova --sha 384');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('kept.ova.stdin.part');
    expect(await shell('ovfkit verify kept.ova')).toMatchObject({ code: 0 });
    expect(await leftOvers()).toEqual([]);
  });
});

describe('a pipe', () => {
  test('that breaks at either end leaves nothing behind', async () => {
    const torn = await shell(
      'ovfkit pack "$sample" -o - | head -c 3000 | ovfkit repair - -o torn.ova --hardware vmx-21',
    );
    expect(torn.code).not.toBe(0);
    // small packages may be through before anybody notices
    expect([0, 2]).toContain((await shell('ovfkit pack "$sample" -o - | head -c 10 > /dev/null')).code);
    expect(await readdir(folder)).not.toContain('torn.ova');
    expect(await leftOvers()).toEqual([]);
  });

  test('takes nothing but the package', async () => {
    expect(await shell('ovfkit pack "$sample" -o - --json')).toMatchObject({ code: 2, stdout: '' });
    expect(await shell('ovfkit sign - --key a --cert b < /dev/null')).toMatchObject({ code: 2 });
  });
});
