import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTar, writeTar } from '@ovfkit/package-format';
import { gzipped, streamPackage, unpackStream } from '@ovfkit/package-format/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collect, cutAt, descriptorWith, refusalCode, sourceOf, utf8 } from './source.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-unpack-'));
});
afterEach(() => rm(folder, { recursive: true }));

const disk = new Uint8Array(3000).map((_, at) => at % 13);

const archive = (): AsyncIterable<Uint8Array> =>
  streamPackage({
    descriptorName: 'vm.ovf',
    descriptor: descriptorWith({ references: '<File ovf:id="d" ovf:href="disk.vmdk"/>' }),
    files: [{ name: 'disk.vmdk', size: disk.length, read: () => sourceOf(disk) }],
  });

/** The members of an archive, changed and written again. */
interface Member {
  readonly name: string;
  readonly bytes: Uint8Array;
}

async function changed(change: (members: readonly Member[]) => readonly Member[]) {
  const members: Member[] = [];
  for await (const { name, bytes } of readTar(archive())) members.push({ name, bytes: await collect(bytes) });
  return writeTar(change(members).map(({ name, bytes }) => ({ name, size: bytes.length, bytes: sourceOf(bytes) })));
}

test('an archive is unpacked as it comes, compressed or not, with the manifest wherever it stands', async () => {
  const first = await unpackStream(cutAt(await collect(archive()), [100]), { path: join(folder, 'a') });
  expect(first).toMatchObject({ hasManifest: true });
  expect(first.members.map(({ name }) => name)).toEqual(['vm.ovf', 'disk.vmdk', 'vm.mf']);
  const early = await changed((members) => members.toReversed());
  await unpackStream(gzipped(early), { path: join(folder, 'b') });
  for (const name of ['a', 'b']) expect(await readFile(join(folder, name, 'disk.vmdk'))).toEqual(Buffer.from(disk));
});

test.each(['first', 'last'])(
  'a file that does not match a manifest that comes %s leaves nothing behind',
  async (place) => {
    const bytes = await changed((members) => {
      const damaged = members.map((each) =>
        each.name === 'disk.vmdk' ? { ...each, bytes: new Uint8Array(3000) } : each,
      );
      return place === 'last' ? damaged : damaged.toReversed();
    });
    expect(await refusalCode(() => unpackStream(bytes, { path: join(folder, 'a') }))).toBe('DIGEST_MISMATCH');
    expect(await readdir(folder)).toEqual([]);
  },
);

test('an archive without a descriptor is refused, one without a manifest is told', async () => {
  const only = (name: string) => changed((members) => members.filter((each) => each.name === name));
  expect(await refusalCode(async () => unpackStream(await only('disk.vmdk'), { path: join(folder, 'a') }))).toBe(
    'DESCRIPTOR_MISSING',
  );
  expect(await readdir(folder)).toEqual([]);
  expect(await unpackStream(await only('vm.ovf'), { path: join(folder, 'a') })).toMatchObject({ hasManifest: false });
  expect(await refusalCode(() => unpackStream(sourceOf(utf8('no archive')), { path: folder }))).toMatch(
    /TRUNCATED|TAR_/,
  );
});
