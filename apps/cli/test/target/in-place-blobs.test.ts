import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobStoreCases, bytesOf, collect } from '@ovfkit/conformance';
import type { PackageReader } from '@ovfkit/package-format';
import { openLocalStore } from '@ovfkit/store-local';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInPlaceBlobs } from '../../src/target/in-place-blobs.ts';

async function openBlobs() {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-in-place-'));
  const store = await openLocalStore(folder);
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { kept: store.blobs, blobs: createInPlaceBlobs(store.blobs) };
}

const disk = new TextEncoder().encode('the bytes of a disk');

const digest = createHash('sha256').update(disk).digest('hex');

/** A package of one disk, which counts how often it is read. */
function sample(): PackageReader & { readonly reads: () => number } {
  let reads = 0;
  return {
    kind: 'ovf',
    descriptorName: 'a.ovf',
    members: [{ name: 'disks/a.vmdk', size: disk.length }],
    async *read(_, { start, end } = { start: 0, end: disk.length }) {
      reads += 1;
      yield disk.slice(start, end);
    },
    close: async () => undefined,
    reads: () => reads,
  };
}

describe('without a package', () => {
  for (const { name, run } of blobStoreCases) test(name, () => run(async () => (await openBlobs()).blobs));
});

describe('with a package', () => {
  for (const { name, run } of blobStoreCases)
    test(name, () =>
      run(async () => {
        const { blobs } = await openBlobs();
        blobs.lend(sample());
        return blobs;
      }),
    );

  test('a file that is sent to a session is let go, and read from the package', async () => {
    const { blobs, kept } = await openBlobs();
    const reader = sample();
    blobs.lend(reader);
    const key = 'import/1234/disks/a.vmdk';
    expect(await blobs.append(key, 0, bytesOf('the bytes'))).toBe(9);
    await expect(blobs.append(key, 4, bytesOf('x'))).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
    expect(await blobs.append(key, 9, bytesOf(' of a disk'))).toBe(disk.length);
    await blobs.seal(key, digest);
    expect(await kept.size(key)).toBe(0);
    expect(await blobs.size(key)).toBe(disk.length);
    expect(await collect(blobs.read(key))).toEqual(disk);
    expect(await collect(blobs.read(key, { start: 4, end: 9 }))).toEqual(disk.slice(4, 9));
    expect(reader.reads()).toBe(2);
    for await (const each of blobs.keys('import/1234/')) expect(each).toBe(key);
    await blobs.delete(key);
    expect(await blobs.size(key)).toBe(0);
  });

  test('a file whose digest is known is there before a byte of it is read', async () => {
    const { blobs } = await openBlobs();
    const reader = sample();
    blobs.lend(reader);
    expect(await blobs.sealed(digest)).toEqual([]);
    blobs.know('disks/a.vmdk', digest);
    blobs.know('stranger.vmdk', digest);
    const keys = await blobs.sealed(digest);
    expect(keys).toHaveLength(1);
    const [key = ''] = keys;
    expect(blobs.lent([key, 'import/1/other'])).toEqual(new Set([key]));
    expect(await blobs.size(key)).toBe(disk.length);
    await blobs.delete(key);
    expect(reader.reads()).toBe(0);
    expect(await collect(blobs.read(key))).toEqual(disk);
  });

  test('files of other names, and of other kinds of sessions, are kept', async () => {
    const { blobs, kept } = await openBlobs();
    blobs.lend(sample());
    await blobs.append('import/1/descriptor.ovf', 0, bytesOf('ab'));
    await blobs.append('export/1/disks/a.vmdk', 0, bytesOf('abc'));
    expect([await kept.size('import/1/descriptor.ovf'), await kept.size('export/1/disks/a.vmdk')]).toEqual([2, 3]);
  });

  test('another package takes its place', async () => {
    const { blobs } = await openBlobs();
    blobs.lend(sample());
    blobs.know('disks/a.vmdk', digest);
    blobs.lend({ ...sample(), members: [] });
    expect(await blobs.sealed(digest)).toEqual([]);
  });
});
