import { randomBytes } from 'node:crypto';
import { mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkVmdk, randomAccessOf } from '@ovfkit/package-format';
import { convertDisk, type DiskTarget, openDisk } from '@ovfkit/package-format/node';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusalCode, utf8 } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-convert-'));
});
afterAll(() => rm(folder, { recursive: true }));

let turn = 0;
const fresh = (name = 'disk') => {
  turn += 1;
  return join(folder, `${turn}-${name}`);
};

/** Converts bytes, and gives the new file's. */
async function convert(bytes: Uint8Array, to: DiskTarget): Promise<Uint8Array> {
  const path = fresh(to);
  await convertDisk(randomAccessOf(bytes), { to, path });
  return readFile(path);
}

/** Data at both ends. */
function disk(size: number): Uint8Array {
  const raw = new Uint8Array(size);
  raw.set(randomBytes(Math.min(70_000, size)), 0);
  raw.fill(7, Math.max(0, size - 1000));
  return raw;
}

test.each(['streamOptimized', 'qcow2'] as const)('raw to %s and back is the same disk', async (to) => {
  for (const size of [512, 65_536, 65_536 + 512, 40 * 1024 ** 2 + 1024]) {
    const raw = disk(size);
    const there = await convert(raw, to);
    expect((await openDisk(randomAccessOf(there))).format).toBe(to);
    expect(Buffer.compare(await convert(there, 'raw'), raw), `${size} bytes`).toBe(0);
  }
});

test('a disk goes through every format and comes back as it was', async () => {
  const raw = disk(3 * 1024 ** 2);
  const qcow2 = await convert(await convert(raw, 'streamOptimized'), 'qcow2');
  const vmdk = await convert(qcow2, 'streamOptimized');
  expect((await checkVmdk(randomAccessOf(vmdk))).problems).toEqual([]);
  expect(Buffer.compare(await convert(vmdk, 'raw'), raw)).toBe(0);
});

test('a disk of more than one second table of qcow2 is read back', async () => {
  const path = fresh('large.raw');
  await writeFile(path, '');
  const size = 600 * 1024 ** 2;
  await truncate(path, size);
  const handle = await open(path, 'r+');
  await handle.write(Buffer.from('last'), 0, 4, size - 4);
  await handle.close();
  const qcow2 = fresh('large.qcow2');
  const { size: written } = await convertDisk(path, { to: 'qcow2', path: qcow2 });
  expect(written).toBeLessThan(1024 ** 2);
  const back = fresh('back.raw');
  await convertDisk(qcow2, { to: 'raw', path: back });
  const stats = await stat(back);
  expect(stats.size).toBe(size);
  // what was zeros takes no room, on file systems that can
  expect(stats.blocks * 512).toBeLessThan(size / 2);
  const tail = await open(back, 'r');
  expect((await tail.read(Buffer.alloc(4), 0, 4, size - 4)).buffer.toString()).toBe('last');
  await tail.close();
});

test('zeros take no room in any format', async () => {
  const zeros = new Uint8Array(32 * 1024 ** 2);
  for (const to of ['streamOptimized', 'qcow2'] as const)
    expect((await convert(zeros, to)).length).toBeLessThan(400_000);
});

test('what is there already is not overwritten unless that is wanted', async () => {
  const path = fresh();
  await writeFile(path, 'mine');
  const source = randomAccessOf(disk(4096));
  expect(await refusalCode(() => convertDisk(source, { to: 'raw', path }))).toBe('FILE_EXISTS');
  expect(await readFile(path, 'utf8')).toBe('mine');
  await convertDisk(source, { to: 'raw', path, ifExists: 'replace' });
  expect((await stat(path)).size).toBe(4096);
});

test('a conversion that fails or is canceled leaves nothing behind', async () => {
  const before = await readdir(folder);
  const vmdk = await convert(disk(1024 ** 2), 'streamOptimized');
  const broken = randomAccessOf(vmdk.subarray(0, vmdk.length - 3000));
  expect(await refusalCode(() => convertDisk(broken, { to: 'raw', path: fresh() }))).toBe('TRUNCATED');
  const signal = AbortSignal.abort('enough');
  const canceled = convertDisk(randomAccessOf(disk(4096)), { to: 'raw', path: fresh(), signal });
  await expect(canceled).rejects.toBe('enough');
  expect(
    await refusalCode(() => convertDisk(randomAccessOf(disk(4096)), { to: 'raw', path: join(folder, 'no', 'a') })),
  ).toBe('CANNOT_WRITE');
  expect((await readdir(folder)).length).toBe(before.length + 1);
});

test('progress reaches the capacity', async () => {
  const seen: number[] = [];
  const { capacity } = await convertDisk(randomAccessOf(disk(8192)), {
    to: 'qcow2',
    path: fresh(),
    onProgress: ({ done }) => seen.push(done),
  });
  expect(seen.at(-1)).toBe(capacity);
});

test('a format that is asked for and not there is refused', async () => {
  const raw = randomAccessOf(disk(4096));
  expect(await refusalCode(() => openDisk(raw, { from: 'qcow2' }))).toBe('VALUE_INVALID');
  expect(await refusalCode(() => openDisk(randomAccessOf(utf8('# Disk DescriptorFile\n'))))).toBe('VMDK_INVALID');
  const qcow2 = await convert(disk(4096), 'qcow2');
  expect((await openDisk(randomAccessOf(qcow2), { from: 'raw' })).capacity).toBe(qcow2.length);
});

test.each([
  ['an unknown version', 4, 9],
  ['a backing file', 15, 1],
  ['clusters of no size', 23, 1],
  ['encryption', 35, 1],
  ['a first table that is too short', 39, 0],
  ['the mark of corruption', 79, 2],
  ['data in another file', 79, 4],
  ['subclusters', 79, 16],
  ['an unknown feature', 79, 128],
])('a qcow2 image with %s is refused', async (_, at, byte) => {
  const image = await convert(disk(4096), 'qcow2');
  expect(await refusalCode(() => openDisk(randomAccessOf(image.with(at, byte))))).toBe('QCOW2_INVALID');
});

test('damage anywhere gives a disk or a PackageError, nothing else', async () => {
  const images = [await convert(disk(200_000 - 320), 'qcow2'), await convert(disk(196_608), 'streamOptimized')];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...images),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      async (image, damages) => {
        const copy = image.slice();
        for (const [at, byte] of damages) copy[at % 2 === 0 ? at % 128 : at % copy.length] = byte;
        const code = await readSome(copy).catch((error: unknown) => error);
        if (code !== undefined) expect(code).toMatchObject({ name: 'PackageError' });
      },
    ),
    { numRuns: 200 },
  );
});

async function readSome(image: Uint8Array): Promise<undefined> {
  let count = 0;
  for await (const { bytes } of (await openDisk(randomAccessOf(image))).parts()) {
    count += bytes.length;
    if (count > 1024 ** 2) return;
  }
}
