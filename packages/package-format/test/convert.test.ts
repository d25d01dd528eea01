import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkVmdk, randomAccessOf } from '@ovfkit/package-format';
import { convertDisk, type DiskTarget, openDisk } from '@ovfkit/package-format/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refusal, refusalCode, utf8 } from './source.ts';

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
  const file = fresh();
  await writeFile(file, '');
  const vmdk = await convert(disk(1024 ** 2), 'streamOptimized');
  const broken = randomAccessOf(vmdk.subarray(0, vmdk.length - 3000));
  expect(await refusalCode(() => convertDisk(broken, { to: 'raw', path: fresh() }))).toBe('TRUNCATED');
  const signal = AbortSignal.abort('enough');
  const canceled = convertDisk(randomAccessOf(disk(4096)), { to: 'raw', path: fresh(), signal });
  await expect(canceled).rejects.toBe('enough');
  expect(
    await refusalCode(() => convertDisk(randomAccessOf(disk(4096)), { to: 'raw', path: join(file, 'below') })),
  ).toBe('CANNOT_WRITE');
  expect((await readdir(folder)).length).toBe(before.length + 2);
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

test.each([1, 511, 65_537, 1024 ** 2 + 700])('a raw file of %i bytes is filled up to whole sectors', async (size) => {
  const raw = disk(size);
  const full = Buffer.concat([raw, Buffer.alloc(Math.ceil(size / 512) * 512 - size)]);
  for (const to of ['streamOptimized', 'qcow2'] as const) {
    const path = fresh(to);
    expect((await convertDisk(randomAccessOf(raw), { from: 'raw', to, path })).capacity).toBe(full.length);
    expect(Buffer.compare(await convert(await readFile(path), 'raw'), full), to).toBe(0);
  }
});

test('data between long stretches of zeros is not mixed up with what is read later', async () => {
  const path = fresh('scattered.raw');
  const size = 96 * 1024 ** 2;
  const handle = await open(path, 'w');
  for (let at = 0; at < size; at += 5 * 1024 ** 2 + 65_536) await handle.write(randomBytes(65_536), 0, 65_536, at);
  await handle.truncate(size);
  await handle.close();
  const [vmdk, qcow2, back] = [fresh('vmdk'), fresh('qcow2'), fresh('back')];
  await convertDisk(path, { to: 'streamOptimized', path: vmdk });
  await convertDisk(vmdk, { to: 'qcow2', path: qcow2 });
  await convertDisk(qcow2, { to: 'raw', path: back });
  expect(Buffer.compare(await readFile(back), await readFile(path))).toBe(0);
  expect((await stat(back)).blocks * 512).toBeLessThan(size / 8);
});

test('a large disk with nothing in it is not looked through', async () => {
  const terabyte = 1024 ** 4;
  const empty = fresh('empty.qcow2');
  await convertDisk(randomAccessOf(new Uint8Array(512)), { to: 'qcow2', path: empty });
  const image = await readFile(empty);
  // one entry of the first table stands for 512 MiB; the table has room for a cluster of them
  image.writeBigUInt64BE(BigInt(terabyte), 24);
  image.writeUInt32BE(terabyte / (512 * 1024 ** 2), 36);
  const path = fresh('empty.vmdk');
  const { capacity, size } = await convertDisk(randomAccessOf(image), { to: 'streamOptimized', path });
  expect({ capacity, isSmall: size < 512 * 1024 }).toEqual({ capacity: terabyte, isSmall: true });
});

test('a file that is no disk is not taken for a raw one, unless that is said', async () => {
  const path = fresh('web.yaml');
  await writeFile(path, 'name: web01\n');
  const target = fresh('vmdk');
  const { code, message } = await refusal(() => convertDisk(path, { to: 'streamOptimized', path: target }));
  expect({ code, message }).toEqual({ code: 'VALUE_INVALID', message: expect.stringContaining('12 bytes') });
  expect((await convertDisk(path, { from: 'raw', to: 'raw', path: target })).capacity).toBe(12);
  const raw = fresh('odd.raw');
  await writeFile(raw, 'name: web01\n');
  expect((await convertDisk(raw, { to: 'qcow2', path: fresh('qcow2') })).capacity).toBe(512);
});

describe('a VMDK that is a text with its data in files beside it', () => {
  const text = (createType: string, ...extents: readonly string[]): string =>
    ['# Disk DescriptorFile', 'version=1', 'parentCID=ffffffff', `createType="${createType}"`, ...extents, ''].join(
      '\n',
    );

  /** A folder of its own with these files; resolves to the path of the first. */
  async function place(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
    const home = fresh('split');
    await mkdir(home);
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(home, name), bytes);
    return join(home, Object.keys(files)[0] ?? '');
  }

  async function rawOf(path: string): Promise<Uint8Array> {
    const to = fresh('raw');
    expect((await convertDisk(path, { to: 'raw', path: to })).from).toBe('split');
    return readFile(to);
  }

  test('is read from a flat file, and from its parts with zeros between', async () => {
    const raw = disk(8192);
    const flat = await place({ 'a.vmdk': text('vmfs', 'RW 16 VMFS "a-flat.vmdk"'), 'a-flat.vmdk': raw });
    expect(Buffer.compare(await rawOf(flat), raw)).toBe(0);
    const extents = ['RW 4 FLAT "b-f001.vmdk" 8', 'RW 8 ZERO', 'RW 4 FLAT "b-f002.vmdk" 0'];
    const parts = await place({
      'b.vmdk': text('twoGbMaxExtentFlat', ...extents),
      'b-f001.vmdk': raw.subarray(0, 6144),
      'b-f002.vmdk': raw,
    });
    const whole = Buffer.concat([raw.subarray(4096, 6144), Buffer.alloc(4096), raw.subarray(0, 2048)]);
    expect(Buffer.compare(await rawOf(parts), whole)).toBe(0);
  });

  test.each([
    {
      what: 'a file elsewhere',
      extent: 'RW 16 FLAT "../x" 0',
      code: 'VMDK_INVALID',
      words: /in \.\.\/x, which is not/,
    },
    { what: 'an absolute path', extent: 'RW 16 FLAT "/etc/x" 0', code: 'VMDK_INVALID', words: /not beside it/ },
    { what: 'a file that is not there', extent: 'RW 16 FLAT "no.vmdk" 0', code: 'CANNOT_READ', words: /no\.vmdk/ },
    { what: 'more than the file has', extent: 'RW 17 FLAT "a.bin" 0', code: 'TRUNCATED', words: /8192 .*, not 8704/ },
    { what: 'a device of ESXi', extent: 'RW 16 VMFSRDM "a.bin"', code: 'VMDK_INVALID', words: /VMFSRDM/ },
    { what: 'nothing', extent: '', code: 'VMDK_INVALID', words: /names no data/ },
  ])('is refused with $what', async ({ extent, code, words }) => {
    const path = await place({ 'a.vmdk': text('custom', extent), 'a.bin': new Uint8Array(8192) });
    const error = await refusal(() => rawOf(path));
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringMatching(words) });
  });

  test('is refused without the files beside it, and as a snapshot', async () => {
    const flat = text('monolithicFlat', 'RW 16 FLAT "a-flat.vmdk" 0');
    expect((await refusal(() => convert(utf8(flat), 'raw'))).message).toContain('a-flat.vmdk, which is not beside it');
    const snapshot = await place({
      'a.vmdk': flat.replace('ffffffff', '12345678'),
      'a-flat.vmdk': new Uint8Array(8192),
    });
    expect((await refusal(() => rawOf(snapshot))).message).toContain('snapshot of another, 12345678');
  });
});

test('a disk that only has what changed since a snapshot is refused', async () => {
  const vmdk = Buffer.from(await convert(disk(4096), 'streamOptimized'));
  vmdk.write('12345678', vmdk.indexOf('parentCID=') + 'parentCID='.length);
  const error = await refusal(() => convert(vmdk, 'raw'));
  expect(error.message).toContain('snapshot of another, 12345678');
  expect((await checkVmdk(randomAccessOf(vmdk))).problems).toMatchObject([
    { severity: 'error', message: expect.stringContaining('12345678') },
  ]);
});
