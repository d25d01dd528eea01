import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { readTar, writeTar } from '@ovfkit/package-format';
import { openPackage, unwrapped, wrappingOf } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, refusal, refusalCode, sourceOf, textFrom, utf8 } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-unwrap-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** `hello\n` as `xz --check=crc32` writes it: Node.js cannot make xz data. */
const xzHello = Buffer.from(
  '/Td6WFoAAAFpIt42AgAhARYAAAB0L+WjAQAFaGVsbG8KAAAAIDA6NgABGgbF6sh5kEKZDQEAAAAAAVla',
  'base64',
);

const archive = () =>
  collect(
    writeTar(
      ['vm.ovf', 'disk one.vmdk', 'disk two.vmdk'].map((name) => ({
        name,
        size: name.length,
        bytes: sourceOf(utf8(name)),
      })),
    ),
  );

test('gzip, xz and zstd are told by their first bytes, and nothing else is', () => {
  expect(wrappingOf(gzipSync('a'))).toBe('gzip');
  expect(wrappingOf(zstdCompressSync('a'))).toBe('zstd');
  expect(wrappingOf(xzHello)).toBe('xz');
  expect(wrappingOf(utf8('vm.ovf'))).toBeUndefined();
  expect(wrappingOf(new Uint8Array())).toBeUndefined();
  expect(wrappingOf(Uint8Array.of(0x1f))).toBeUndefined();
});

test.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('an archive wrapped in %s is read as a stream', async (_, wrap) => {
  const names: string[] = [];
  for await (const { name, bytes } of readTar(unwrapped(sourceOf(wrap(await archive())), { file: 'a.ova' })))
    names.push(`${name}=${await textFrom(bytes)}`);
  expect(names).toEqual(['vm.ovf=vm.ovf', 'disk one.vmdk=disk one.vmdk', 'disk two.vmdk=disk two.vmdk']);
});

test('xz data is decompressed', async () => {
  expect(await textFrom(unwrapped(sourceOf(xzHello), { file: 'hello' }))).toBe('hello\n');
});

test('what is not compressed passes as it is, however short', async () => {
  for (const text of ['', 'a', 'plain text'])
    expect(await textFrom(unwrapped(sourceOf(utf8(text)), { file: 'a' }))).toBe(text);
});

test.each([
  ['gzip', gzipSync('x'.repeat(5000))],
  ['zstd', zstdCompressSync('x'.repeat(5000), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ['xz', xzHello],
])('%s data that is cut off is told from what is damaged, and both are refused by name', async (_, whole) => {
  for (const missing of [1, 9, whole.length - 20]) {
    const start = sourceOf(whole.subarray(0, whole.length - missing));
    expect(await refusal(() => collect(unwrapped(start, { file: 'a.ova' })))).toMatchObject({
      code: 'TRUNCATED',
      file: 'a.ova',
    });
  }
  const damaged = Uint8Array.from(whole, (byte, at) => (at === 20 ? 255 - byte : byte));
  expect(await refusalCode(() => collect(unwrapped(sourceOf(damaged), { file: 'a.ova' })))).toBe('COMPRESSION_INVALID');
});

test('what the source fails with is not taken for damage', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield gzipSync('x'.repeat(5000)).subarray(0, 20);
    throw new Error('the line broke');
  }
  await expect(collect(unwrapped(broken(), { file: 'a' }))).rejects.toThrow('the line broke');
});

test('a reader who stops early lets the source go', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield gzipSync(Buffer.alloc(100_000, 'x'));
    } finally {
      closed = true;
    }
  }
  for await (const part of unwrapped(endless(), { file: 'a' })) if (part.length > 0) break;
  expect(closed).toBe(true);
});

test('a compressed archive opens as a package, and parts of its members are read', async () => {
  const path = join(folder, 'a.ova.gz');
  await writeFile(path, gzipSync(await archive()));
  const reader = await openPackage(path);
  expect(reader).toMatchObject({ kind: 'ova', descriptorName: 'vm.ovf' });
  expect(reader.members.map(({ size }) => size)).toEqual([6, 13, 13]);
  expect(await textFrom(reader.read('disk two.vmdk'))).toBe('disk two.vmdk');
  expect(await textFrom(reader.read('disk one.vmdk', { start: 5, end: 8 }))).toBe('one');
  expect(await textFrom(reader.read('disk one.vmdk', { start: 3, end: 3 }))).toBe('');
  expect(await refusalCode(() => collect(reader.read('disk three.vmdk')))).toBe('FILE_MISSING');
  await reader.close();
});
