// Other people's tools have the last word on what is written here: qemu-img, GNU tar and sha256sum must be installed.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexTar, randomAccessOf, writeManifest, writeTar } from '@ovfkit/package-format';
import { digest, openPackage, readStreamOptimized, writeStreamOptimized } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect, sourceOf, textFrom, utf8 } from './source.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-tools-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

/** Random, compressible and empty stretches. */
function mixed(size: number): Uint8Array {
  const raw = new Uint8Array(size);
  for (let at = 0, turn = 0; at < size; at += 300_000, turn += 1) {
    const end = Math.min(size, at + 300_000);
    if (turn % 3 === 0) raw.set(randomBytes(end - at), at);
    if (turn % 3 === 1) raw.fill(turn % 256, at, end);
  }
  return raw;
}

test.each([
  ['one sector', 512],
  ['a part of a grain at the end', 1024 ** 2 + 512],
  ['two grain tables', 40 * 1024 ** 2],
])('qemu-img finds no fault in a disk of %s, and the same bytes in it', async (_, size) => {
  const raw = mixed(size);
  await writeFile(join(folder, 'disk.vmdk'), writeStreamOptimized(sourceOf(raw), { capacity: size }));
  expect(run('qemu-img', 'check', '-f', 'vmdk', 'disk.vmdk')).toContain('No errors were found');
  expect(run('qemu-img', 'info', '-f', 'vmdk', 'disk.vmdk')).toContain('create type: streamOptimized');
  run('qemu-img', 'convert', '-f', 'vmdk', '-O', 'raw', 'disk.vmdk', 'back.raw');
  expect(Buffer.compare(await readFile(join(folder, 'back.raw')), raw)).toBe(0);
});

test('a disk that qemu-img writes is read to the same bytes', async () => {
  const raw = mixed(5 * 1024 ** 2);
  await writeFile(join(folder, 'in.raw'), raw);
  run('qemu-img', 'convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', 'in.raw', 'theirs.vmdk');
  expect(Buffer.compare(await collect(readStreamOptimized(createReadStream(join(folder, 'theirs.vmdk')))), raw)).toBe(
    0,
  );
});

const long = `${'folder/'.repeat(40)}虚拟机.vmdk`;

test('GNU tar reads what is written, names and all', async () => {
  const entries = ['vm.ovf', `${'p'.repeat(120)}/${'n'.repeat(90)}`, long].map((name) => ({
    name,
    size: utf8(name).length,
    bytes: sourceOf(utf8(name)),
  }));
  await writeFile(join(folder, 'a.ova'), writeTar(entries));
  expect(run('tar', '--quoting-style=literal', '-tf', 'a.ova').trim().split('\n')).toEqual(
    entries.map(({ name }) => name),
  );
  expect(run('tar', '-xOf', 'a.ova', long)).toBe(long);
});

test('GNU tar lists a member of 9 GiB with its size', async () => {
  const size = 9 * 1024 ** 3;
  const writer = writeTar([{ name: 'disk.vmdk', size, bytes: sourceOf(new Uint8Array()) }]);
  await writeFile(join(folder, 'huge.ova'), (await writer.next()).value ?? '');
  await writer.return();
  run('truncate', '-s', String(size + 4096), 'huge.ova');
  expect(run('tar', '-tvf', 'huge.ova')).toContain(String(size));
});

test.each(['ustar', 'pax', 'gnu', 'oldgnu', 'v7'])('what GNU tar writes as %s is read', async (format) => {
  const name = format === 'ustar' || format === 'v7' ? 'short.vmdk' : `${'x'.repeat(120)}.vmdk`;
  await writeFile(join(folder, 'vm.ovf'), 'descriptor');
  await writeFile(join(folder, name), 'disk');
  run('tar', `--format=${format}`, '-cf', 'theirs.ova', 'vm.ovf', name);
  const reader = await openPackage(join(folder, 'theirs.ova'));
  expect(reader.members).toEqual([
    { name: 'vm.ovf', size: 10 },
    { name, size: 4 },
  ]);
  expect(await textFrom(reader.read(name))).toBe('disk');
  await reader.close();
});

test('GNU tar stores a large size in base-256, and it is read', async () => {
  run('truncate', '-s', '9G', 'sparse.raw');
  const head = execFileSync('sh', ['-c', 'tar --format=gnu -cf - sparse.raw | head -c 512'], { cwd: folder });
  const source = {
    size: 9 * 1024 ** 3 + 1024,
    read: ({ start, end }: { start: number; end: number }) =>
      randomAccessOf(start === 0 ? head : new Uint8Array(end - start)).read({ start: 0, end: end - start }),
  };
  expect(await indexTar(source)).toMatchObject([{ name: 'sparse.raw', size: 9 * 1024 ** 3 }]);
});

test('sha256sum accepts a manifest that is written', async () => {
  await writeFile(join(folder, 'my disk.vmdk'), 'abc');
  const entry = {
    name: 'my disk.vmdk',
    algorithm: 'SHA256',
    digest: await digest(sourceOf(utf8('abc')), 'SHA256'),
  } as const;
  await writeFile(join(folder, 'a.mf'), writeManifest([entry]).replace(/^(\w+)\((.*)\)= /, '$1 ($2) = '));
  expect(run('sha256sum', '-c', 'a.mf')).toContain('my disk.vmdk: OK');
});
