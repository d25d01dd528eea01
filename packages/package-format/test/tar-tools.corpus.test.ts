// GNU tar and bsdtar have the last word on archives: both must be installed.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexTar, randomAccessOf, writeTar } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refusal, sourceOf, textFrom, utf8 } from './source.ts';

const gibibyte = 1024 ** 3;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-tar-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (command: string, ...args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
const long = `${'folder/'.repeat(40)}虚拟机.vmdk`;
const names = ['vm.ovf', `${'p'.repeat(120)}/${'n'.repeat(90)}`, long];

test.each([
  ['tar', ['--quoting-style=literal']],
  ['bsdtar', []],
] as const)('%s reads what is written, names and all', async (tool, options) => {
  const entries = names.map((name) => ({ name, size: utf8(name).length, bytes: sourceOf(utf8(name)) }));
  await writeFile(join(folder, 'a.ova'), writeTar(entries));
  expect(
    run(tool, ...options, '-tf', 'a.ova')
      .trim()
      .split('\n'),
  ).toEqual(names);
  for (const name of names) expect(run(tool, '-xOf', 'a.ova', name)).toBe(name);
});

/** An archive with one member of that size, all of it a hole but its last bytes. */
async function makeHuge(path: string, size: number): Promise<void> {
  const writer = writeTar([{ name: 'disk.vmdk', size, bytes: sourceOf(new Uint8Array()) }]);
  const { value = new Uint8Array() } = await writer.next();
  await writer.return();
  await writeFile(path, value);
  run('truncate', '-s', String(value.length + size - 3), path);
  await writeFile(path, 'end', { flag: 'a' });
  run('truncate', '-s', String(value.length + Math.ceil(size / 512) * 512 + 1024), path);
}

test('both list a member of 9 GiB with its size, and bsdtar extracts it with its holes and its last bytes', async () => {
  const size = 9 * gibibyte + 5;
  await makeHuge(join(folder, 'huge.ova'), size);
  expect(run('tar', '-tvf', 'huge.ova')).toContain(String(size));
  expect(run('bsdtar', '-tvf', 'huge.ova')).toContain(String(size));
  run('bsdtar', '-xSf', 'huge.ova');
  expect((await stat(join(folder, 'disk.vmdk'))).size).toBe(size);
  expect(run('tail', '-c', '3', 'disk.vmdk')).toBe('end');
});

test.each([
  ['tar', 'ustar'],
  ['tar', 'pax'],
  ['tar', 'gnu'],
  ['tar', 'oldgnu'],
  ['tar', 'v7'],
  ['bsdtar', 'ustar'],
  ['bsdtar', 'pax'],
  ['bsdtar', 'gnutar'],
  ['bsdtar', 'v7'],
])('what %s writes as %s is read', async (tool, format) => {
  const name = format === 'ustar' || format === 'v7' ? 'short.vmdk' : `${'x'.repeat(120)}.vmdk`;
  await writeFile(join(folder, 'vm.ovf'), 'descriptor');
  await writeFile(join(folder, name), 'disk');
  run(tool, `--format=${format}`, '-cf', 'theirs.ova', 'vm.ovf', name);
  const reader = await openPackage(join(folder, 'theirs.ova'));
  expect(reader.members).toEqual([
    { name: 'vm.ovf', size: 10 },
    { name, size: 4 },
  ]);
  expect(await textFrom(reader.read(name))).toBe('disk');
  await reader.close();
});

test.each([
  ['cpio', 'cpio'],
  ['newc', 'cpio'],
  ['zip', 'zip'],
  ['7zip', '7z'],
])('what bsdtar writes as %s is refused as %s', async (format, name) => {
  await writeFile(join(folder, 'vm.ovf'), 'descriptor');
  run('bsdtar', `--format=${format}`, '-cf', 'theirs.ova', 'vm.ovf');
  const { code, message } = await refusal(() => openPackage(join(folder, 'theirs.ova')));
  expect({ code, message }).toEqual({ code: 'TAR_INVALID', message: expect.stringContaining(`a ${name} archive`) });
});

test.each([
  ['tar', '--format=gnu', '--sparse'],
  ['tar', '--format=pax', '--sparse'],
  ['bsdtar', '--format=pax', '--read-sparse'],
])('a sparse member that %s writes with %s is refused as one', async (tool, ...options) => {
  run('truncate', '-s', '1M', 'holes.vmdk');
  await writeFile(join(folder, 'holes.vmdk'), 'end', { flag: 'a' });
  run(tool, ...options, '-cf', 'theirs.ova', 'holes.vmdk');
  const { code, message } = await refusal(() => openPackage(join(folder, 'theirs.ova')));
  expect({ code, message }).toEqual({ code: 'TAR_ENTRY_REFUSED', message: expect.stringContaining('sparse') });
});

test.each([
  ['tar', 'gnu'],
  ['bsdtar', 'gnutar'],
  ['tar', 'pax'],
  ['bsdtar', 'pax'],
])('the size of 9 GiB that %s stores as %s is read', async (tool, format) => {
  const size = 9 * gibibyte;
  run('truncate', '-s', String(size), 'sparse.raw');
  const plain = tool === 'bsdtar' ? '--no-read-sparse' : '';
  const head = execFileSync('sh', ['-c', `${tool} --format=${format} ${plain} -cf - sparse.raw | head -c 4096`], {
    cwd: folder,
    // the tool complains that nobody takes the rest
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const source = {
    size: 4096 + size + 1024,
    read: ({ start, end }: { start: number; end: number }) => {
      const part = new Uint8Array(end - start);
      part.set(head.subarray(start, end));
      return randomAccessOf(part).read({ start: 0, end: part.length });
    },
  };
  expect(await indexTar(source)).toMatchObject([{ name: 'sparse.raw', size }]);
});
