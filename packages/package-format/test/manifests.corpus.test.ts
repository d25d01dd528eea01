// Every package of the corpus, one line each: what its INDEX.md calls broken has to be refused or found, by that fault.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { inspectVmdk, randomAccessOf, readAll, readDescriptor, readManifest } from '@ovfkit/package-format';
import { digest, maxTextSize, openPackage, readFile, readStreamOptimized } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { all, bytesOf, folder } from './corpus-files.ts';
import { refusalCode } from './source.ts';

const manifests: readonly (readonly [name: string, files: number, wrong: number])[] = [
  ['Awingu-open-ovf--ourOVF/ourOVF.mf', 3, 0],
  ['ganeti-ganeti--ovfdata/ganeti.mf', 2, 0],
  ['ganeti-ganeti--ovfdata/wrong_manifest.mf', 2, 2],
  ['glennmatthews-cot--input/input.mf', 4, 0],
  ['glennmatthews-cot--ubuntu.2.0/ubuntu.2.0.mf', 2, 0],
  ['vmware-govmomi--ttylinux-pc_i486-16.1/ttylinux-pc_i486-16.1.mf', 2, 0],
];

test.each(manifests)('%s lists %i files, of those that are there %i do not match', async (name, files, wrong) => {
  const { entries } = readManifest(bytesOf(name), { file: name });
  expect(entries).toHaveLength(files);
  const there = entries.filter((entry) => all.includes(join(name, '..', entry.name)));
  const matches = await Promise.all(
    there.map(
      async ({ name: file, algorithm, digest: stated }) =>
        (await digest(createReadStream(join(folder, name, '..', file)), algorithm)) === stated,
    ),
  );
  expect(matches.filter((isMatch) => !isMatch)).toHaveLength(wrong);
});

test('every manifest of the corpus has its line', () => {
  expect(manifests.map(([name]) => name).toSorted()).toEqual(all.filter((name) => name.endsWith('.mf')).toSorted());
});

test.each([
  ['ganeti-ganeti--ovfdata/new_disk.vmdk', 'sparse', 51_200],
  ['glennmatthews-cot--input/input.vmdk', 'streamOptimized', 1024 ** 3],
  ['vmware-archive-photon-controller--vmdk/good.vmdk', 'descriptor', 4096 * 512],
  ['vmware-archive-photon-controller--vmdk/good-space.vmdk', 'descriptor', 4096 * 512],
])('%s is a %s of %i bytes', async (name, kind, capacity) => {
  expect(await inspectVmdk(randomAccessOf(bytesOf(name)))).toMatchObject({ kind, capacity });
});

test('a disk descriptor that names one file three times is refused', async () => {
  expect(
    await refusalCode(() =>
      inspectVmdk(randomAccessOf(bytesOf('vmware-archive-photon-controller--vmdk/badMultipleDataFields.vmdk'))),
    ),
  ).toBe('VMDK_INVALID');
});

test('the pieces of a chunked disk are joined to one good disk', async () => {
  const reader = await openPackage(join(folder, 'vmware-go-vcloud-director--template_with_custom_chunk_size.ova'));
  const { files } = readDescriptor(await readAll(reader.read(reader.descriptorName), maxTextSize));
  let size = 0;
  for (const file of files) for await (const part of readStreamOptimized(readFile(reader, file))) size += part.length;
  await reader.close();
  expect(size).toBe(40 * 1024 ** 2);
});
