import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type FileReference, piecesOf, writeTar } from '@ovfkit/package-format';
import { digest, digested, openPackage, readFile, writePackage } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, descriptorWith, refusal, refusalCode, sourceOf, textFrom, utf8 } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-open-'));
});
afterAll(() => rm(folder, { recursive: true }));

const references =
  '<File ovf:id="d" ovf:href="sub/disk.vmdk"/><File ovf:id="c" ovf:href="big.vmdk" ovf:chunkSize="4"/><File ovf:id="z" ovf:href="z.gz" ovf:compression="gzip"/><File ovf:id="up" ovf:href="../secret"/><File ovf:id="gone" ovf:href="gone.vmdk"/>';

/** A folder with the given files in it. */
async function packageWith(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const path = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), content);
  }
  return path;
}

const files = {
  'vm.ovf': descriptorWith({ references }),
  'vm.mf': 'SHA1(a)= 0',
  'other.mf': 'not ours',
  'sub/disk.vmdk': 'disk',
  'big.vmdk.000000000': 'abcd',
  'big.vmdk.000000001': 'ef',
  'z.gz': gzipSync('plain'),
  'stranger.txt': 'not mentioned',
};
const names = ['vm.ovf', 'vm.mf', 'sub/disk.vmdk', 'big.vmdk.000000000', 'big.vmdk.000000001', 'z.gz'];
const reference = (rest: Partial<FileReference>): FileReference => ({ id: 'x', href: 'x', ...rest });

test('a folder is opened as its descriptor and what that mentions', async () => {
  const path = await packageWith('whole', files);
  for (const target of [path, join(path, 'vm.ovf')]) {
    const reader = await openPackage(target);
    expect(reader).toMatchObject({ kind: 'ovf', descriptorName: 'vm.ovf' });
    expect(reader.members.map(({ name }) => name)).toEqual(names);
    expect(await textFrom(reader.read('sub/disk.vmdk', { start: 1, end: 3 }))).toBe('is');
    await reader.close();
  }
});

test.each(['vm.xml', 'vm', 'v.m.xml'])(
  'a descriptor that is called %s is opened by its path, with what it mentions',
  async (name) => {
    const stem = name.replace('.xml', '');
    const whole = descriptorWith({ references: '<File ovf:id="d" ovf:href="sub/disk.vmdk"/>' });
    const rest = { [`${stem}.mf`]: `SHA1(other)= ${'0'.repeat(40)}\n`, 'sub/disk.vmdk': 'disk' };
    const path = await packageWith(`named ${name}`, { [name]: `\uFEFF${whole}`, ...rest });
    const reader = await openPackage(join(path, name));
    expect(reader).toMatchObject({ kind: 'ovf', descriptorName: name });
    expect(reader.members.map((member) => member.name)).toEqual([name, `${stem}.mf`, 'sub/disk.vmdk']);
    const writing = writePackage(reader, { path: join(path, 'out.ova') });
    expect((await refusal(() => writing)).code).toBe('DESCRIPTOR_MISSING');
    await reader.close();
  },
);

test('a page of a server that was saved under the name of a package is no package', async () => {
  const page = '<!DOCTYPE html>\n<html><body>404</body></html>';
  const path = await packageWith('page', { 'a.ova': page, a: page });
  expect(await refusalCode(() => openPackage(join(path, 'a.ova')))).toBe('TAR_INVALID');
  expect(await refusal(() => openPackage(join(path, 'a')))).toMatchObject({
    code: 'XML_FORBIDDEN',
    file: 'a',
    line: 1,
  });
});

test('an archive is opened by seeking, its members read each from its place', async () => {
  const path = join(folder, 'a.ova');
  const entries = Object.entries(files).map(([name, content]) => ({
    name,
    size: utf8(String(content)).length,
    bytes: sourceOf(utf8(String(content))),
  }));
  await writeFile(path, writeTar(entries));
  const reader = await openPackage(path);
  expect(reader).toMatchObject({ kind: 'ova', descriptorName: 'vm.ovf' });
  expect(await Promise.all(['stranger.txt', 'sub/disk.vmdk'].map((name) => textFrom(reader.read(name))))).toEqual([
    'not mentioned',
    'disk',
  ]);
  await reader.close();
});

test('a file of several chunks arrives whole', async () => {
  const size = 5 * 1024 ** 2 + 17;
  const content = Uint8Array.from({ length: size }, (_, at) => at % 251);
  const path = await packageWith('large', {
    'vm.ovf': descriptorWith({ references: '<File ovf:id="d" ovf:href="d"/>' }),
    d: content,
  });
  const reader = await openPackage(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.read('d')) chunks.push(chunk);
  expect(Buffer.compare(Buffer.concat(chunks), content)).toBe(0);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(1024 ** 2);
});

test('a file of the descriptor is given plain: joined and inflated', async () => {
  const reader = await openPackage(await packageWith('whole', files));
  expect(await textFrom(readFile(reader, reference({ href: 'big.vmdk', chunkSize: 4 })))).toBe('abcdef');
  expect(await textFrom(readFile(reader, reference({ href: 'z.gz', compression: 'gzip' })))).toBe('plain');
  expect(piecesOf(reader, reference({ href: 'sub/disk.vmdk', chunkSize: 100 }))).toEqual([
    { name: 'sub/disk.vmdk', size: 4 },
  ]);
});

test('an href may be percent-encoded, or hold a bare percent sign', async () => {
  const hrefs =
    '<File ovf:id="a" ovf:href="my%20disk.vmdk"/><File ovf:id="b" ovf:href="100%.vmdk"/><File ovf:id="c" ovf:href="%2e%2e/secret"/>';
  const reader = await openPackage(
    await packageWith('encoded', {
      'vm.ovf': descriptorWith({ references: hrefs }),
      'my disk.vmdk': 'one',
      '100%.vmdk': 'two',
    }),
  );
  expect(await textFrom(readFile(reader, reference({ href: 'my%20disk.vmdk' })))).toBe('one');
  expect(await textFrom(readFile(reader, reference({ href: '100%.vmdk' })))).toBe('two');
  expect(await refusalCode(() => collect(readFile(reader, reference({ href: '%2e%2e/secret' }))))).toBe('NAME_REFUSED');
});

test('a piece that is missing does not shorten the file in silence', async () => {
  const members = (...indexes: readonly number[]) => ({
    members: indexes.map((index) => ({ name: `d.00000000${index}`, size: 4 })),
  });
  const chunked = reference({ href: 'd', chunkSize: 4, size: 10 });
  expect(piecesOf(members(0, 1, 2), chunked)).toHaveLength(3);
  expect(await refusal(() => piecesOf(members(0, 1), chunked))).toMatchObject({
    code: 'FILE_MISSING',
    file: 'd.000000002',
  });
  expect(await refusal(() => piecesOf(members(0, 2), { ...chunked, size: undefined }))).toMatchObject({
    code: 'FILE_MISSING',
    file: 'd.000000001',
  });
  expect(piecesOf(members(), chunked)).toEqual([]);
});

test('compression that is cut short or unknown, and absence, are told apart', async () => {
  const cut = gzipSync('x'.repeat(10_000)).subarray(0, 20);
  const reader = await openPackage(await packageWith('damaged', { ...files, 'z.gz': cut }));
  expect(await refusalCode(() => collect(readFile(reader, reference({ href: 'z.gz', compression: 'gzip' }))))).toBe(
    'TRUNCATED',
  );
  expect(await refusalCode(() => collect(readFile(reader, reference({ href: 'z.gz', compression: 'bzip2' }))))).toBe(
    'COMPRESSION_UNSUPPORTED',
  );
  expect(await refusalCode(() => collect(readFile(reader, reference({ href: 'gone.vmdk' }))))).toBe('FILE_MISSING');
  expect(await refusalCode(() => collect(readFile(reader, reference({ href: '../secret' }))))).toBe('NAME_REFUSED');
});

test('reads outside the package or a member are refused', async () => {
  const reader = await openPackage(await packageWith('whole', files));
  expect(await refusal(() => collect(reader.read('stranger.txt')))).toMatchObject({
    code: 'FILE_MISSING',
    file: 'stranger.txt',
  });
  expect(await refusalCode(() => collect(reader.read('../whole/vm.ovf')))).toBe('NAME_REFUSED');
  for (const range of [
    { start: 0, end: 5 },
    { start: -1, end: 2 },
    { start: 3, end: 2 },
    { start: 0.5, end: 2 },
  ]) {
    expect(await refusalCode(() => collect(reader.read('sub/disk.vmdk', range)))).toBe('RANGE_INVALID');
  }
});

test('a link that leads out of the folder is refused', async () => {
  await writeFile(join(folder, 'secret'), 'secret');
  const path = await packageWith('linked', {
    'vm.ovf': descriptorWith({ references: '<File ovf:id="d" ovf:href="disk.vmdk"/>' }),
  });
  await symlink(join(folder, 'secret'), join(path, 'disk.vmdk'));
  expect(await refusal(() => openPackage(path))).toMatchObject({ code: 'NAME_REFUSED', file: 'disk.vmdk' });
});

test('what is no package is refused with what is wrong', async () => {
  expect(await refusalCode(() => openPackage(join(folder, 'nothing-here')))).toBe('CANNOT_READ');
  const empty = await packageWith('empty', { 'readme.txt': '' });
  expect(await refusalCode(() => openPackage(empty))).toBe('DESCRIPTOR_MISSING');
  const two = await packageWith('two', { 'a.ovf': '', 'b.ovf': '' });
  expect(await refusalCode(() => openPackage(two))).toBe('DESCRIPTOR_AMBIGUOUS');
  const zipped = await packageWith('zipped', {
    'a.ova': gzipSync('x'.repeat(2000)),
    'b.ova': 'text',
    'c.ova': await collect(writeTar([])),
  });
  expect(await refusalCode(() => openPackage(join(zipped, 'a.ova')))).toBe('TAR_INVALID');
  expect(await refusalCode(() => openPackage(join(zipped, 'b.ova')))).toBe('TAR_INVALID');
  expect(await refusalCode(() => openPackage(join(zipped, 'c.ova')))).toBe('DESCRIPTOR_MISSING');
});

test('digests are those of the bytes that passed', async () => {
  const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(await digest(sourceOf(utf8('abc')), 'SHA256')).toBe(expected);
  let found: ReadonlyMap<string, string> = new Map();
  expect(await textFrom(digested(sourceOf(utf8('abc')), ['SHA1', 'SHA256'], (digests) => (found = digests)))).toBe(
    'abc',
  );
  expect([...found]).toEqual([
    ['SHA1', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
    ['SHA256', expected],
  ]);
});

test('no digest is given for bytes that were not all taken', async () => {
  let calls = 0;
  for await (const _ of digested(sourceOf(utf8('abc'.repeat(100_000))), ['SHA1'], () => (calls += 1))) break;
  expect(calls).toBe(0);
});
