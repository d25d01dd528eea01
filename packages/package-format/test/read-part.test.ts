import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTar } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import { expect, onTestFinished, test } from 'vitest';
import { collect, descriptorWith, sourceOf, utf8 } from './source.ts';

const disk = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251);
const descriptor = utf8(descriptorWith({ references: '<File ovf:id="d" ovf:href="disk.vmdk"/>' }));

async function folderOf(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-part-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'vm.ovf'), descriptor);
  await writeFile(join(folder, 'disk.vmdk'), disk);
  const members = [
    { name: 'vm.ovf', size: descriptor.length, bytes: sourceOf(descriptor) },
    { name: 'disk.vmdk', size: disk.length, bytes: sourceOf(disk) },
  ];
  await writeFile(join(folder, 'vm.ova'), await collect(writeTar(members)));
  return folder;
}

test.each(['vm.ovf', 'vm.ova'])(
  'a member of %s is read into the memory that is given, chunk by chunk',
  async (name) => {
    const reader = await openPackage(join(await folderOf(), name));
    onTestFinished(() => reader.close());
    const given: Uint8Array[] = [];
    const allocate = (size: number): Uint8Array => {
      const memory = new Uint8Array(size);
      given.push(memory);
      return memory;
    };
    const parts: Uint8Array[] = [];
    for await (const part of reader.read('disk.vmdk', { start: 5, end: 2_500_000, allocate })) parts.push(part);
    expect(parts.map(({ buffer }) => buffer)).toEqual(given.map(({ buffer }) => buffer));
    expect(parts.every(({ buffer }, index) => buffer === given[index]?.buffer)).toBe(true);
    expect(Buffer.concat(parts).equals(disk.subarray(5, 2_500_000))).toBe(true);
  },
);
