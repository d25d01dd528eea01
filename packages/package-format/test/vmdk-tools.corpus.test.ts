// qemu-img has the last word on VMDK disks; it must be installed.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkVmdk, decodeVmdkHeader, randomAccessOf } from '@ovfkit/package-format';
import { afterAll, beforeAll, expect, test } from 'vitest';

const mebibyte = 1024 ** 2;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-vmdk-'));
  const raw = Buffer.alloc(70 * mebibyte);
  for (let at = 0; at < raw.length; at += 5 * mebibyte) raw.set(randomBytes(300_000), at);
  await writeFile(join(folder, 'in.raw'), raw);
});
afterAll(() => rm(folder, { recursive: true }));

const run = (...[command, ...args]: readonly [string, ...string[]]) => spawnSync(command, args, { cwd: folder });

async function madeBy(subformat: string): Promise<Uint8Array> {
  const options = ['-f', 'raw', '-O', 'vmdk', '-o', `subformat=${subformat}`, 'in.raw', 'theirs.vmdk'];
  expect(run('qemu-img', 'convert', ...options).status).toBe(0);
  return new Uint8Array(await readFile(join(folder, 'theirs.vmdk')));
}

async function theirVerdict(bytes: Uint8Array): Promise<'clean' | 'damaged'> {
  await writeFile(join(folder, 'damaged.vmdk'), bytes);
  return run('qemu-img', 'check', '-f', 'vmdk', 'damaged.vmdk').status === 0 ? 'clean' : 'damaged';
}

const errorsIn = async (bytes: Uint8Array) =>
  (await checkVmdk(randomAccessOf(bytes))).problems.filter(({ severity }) => severity === 'error');

/** The first byte that is not zero in each structure, by name. */
function placesIn(bytes: Uint8Array): readonly (readonly [string, number])[] {
  const header = decodeVmdkHeader(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const directory = (header.directoryOffset ?? 0) * 512;
  const redundant = (header.redundantOffset ?? 0) * 512;
  return [
    ['magic number', 0],
    ['version', 4],
    ['capacity', 12],
    ['grain size', 20],
    ['entries per table', 44],
    ['place of the redundant directory', 48],
    ['place of the directory', 56],
    ['directory', directory],
    ['second entry of the directory', directory + 4],
    ['redundant directory', redundant],
    ['table', view.getUint32(directory, true) * 512],
    ['entry in the middle of a table', view.getUint32(directory, true) * 512 + 80 * 4],
    ['redundant table', view.getUint32(redundant, true) * 512],
  ];
}

test.each(['monolithicSparse', 'streamOptimized'])(
  'our check finds no fault in a %s disk that qemu-img makes, and at least what qemu-img finds when a byte of it is damaged',
  async (subformat) => {
    const good = await madeBy(subformat);
    expect(await errorsIn(good)).toEqual([]);
    const missed: string[] = [];
    let theirs = 0;
    for (const [name, at] of placesIn(good)) {
      for (const change of [0x01, 0x80]) {
        for (const byte of [0, 3]) {
          const bytes = good.slice();
          bytes[at + byte] = ((bytes[at + byte] ?? 0) + change) % 256;
          const found = (await errorsIn(bytes)).length > 0;
          const verdict = await theirVerdict(bytes);
          if (verdict === 'damaged') theirs += 1;
          if (verdict === 'damaged' && !found) missed.push(`${name}, byte ${byte}, ${change}`);
        }
      }
    }
    expect(missed).toEqual([]);
    expect(theirs).toBeGreaterThan(5);
  },
);
