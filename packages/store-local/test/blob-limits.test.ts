import { blobStoreCases, bytesOf, collect, sampleImportSession } from '@ovfkit/conformance';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type BlobLimits, limitBlobs } from '../src/index.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

async function openLimited({ quotaPerOwner = 10, reserve = 0, ...limits }: Partial<BlobLimits> = {}, folder?: string) {
  const at = folder ?? (await tempFolder());
  const store = await openStore(at);
  const limited = limitBlobs(store.blobs, { folder: at, limits: { quotaPerOwner, reserve, ...limits } });
  onTestFinished(() => limited.close());
  return { ...store, blobs: limited.blobs, closeBlobs: limited.close };
}

const noRoom = { kind: 'UNABLE_TO_ALLOCATE_RESOURCE' };
const session = (id: string, owner: string) => sampleImportSession({ id, owner, clientToken: id });

for (const { name, run } of blobStoreCases)
  test(`limited blobs: ${name}`, () =>
    run(async () => (await openLimited({ quotaPerOwner: Number.POSITIVE_INFINITY })).blobs));

describe('the quota of an owner', () => {
  test('counts the bytes of all its sessions, keeps what fits, and is free again after a delete', async () => {
    const { sessions, blobs } = await openLimited();
    await sessions.imports.insert(session('a', 'ann'));
    await sessions.imports.insert(session('b', 'ann'));
    expect(await blobs.append('import/a/disk', 0, bytesOf('123456'))).toBe(6);
    await expect(blobs.append('import/b/disk', 0, chunks('12', '345'))).rejects.toMatchObject(noRoom);
    expect(await blobs.size('import/b/disk')).toBe(4);
    await blobs.delete('import/a/disk');
    expect(await blobs.append('import/b/disk', 4, bytesOf('567890'))).toBe(10);
  });

  test('is nobody else’s', async () => {
    const { sessions, blobs } = await openLimited();
    await sessions.imports.insert(session('a', 'ann'));
    await sessions.imports.insert(session('b', 'bob'));
    await blobs.append('import/a/disk', 0, bytesOf('1234567890'));
    expect(await blobs.append('import/b/disk', 0, bytesOf('1234567890'))).toBe(10);
  });

  test('counts what a machine holds after its session is gone, and after the folder was opened again', async () => {
    const folder = await tempFolder();
    const first = await openLimited({}, folder);
    await first.sessions.imports.insert(session('a', 'ann'));
    await first.blobs.append('import/a/disk', 0, bytesOf('12345678'));
    await first.sessions.imports.delete('a');
    first.closeBlobs();
    await first.close();
    const { sessions, blobs } = await openLimited({}, folder);
    await sessions.imports.insert(session('b', 'ann'));
    await expect(blobs.append('import/b/disk', 0, bytesOf('123'))).rejects.toMatchObject(noRoom);
  });

  test('forgets whose session it was with its last blob', async () => {
    const { sessions, blobs } = await openLimited();
    await sessions.imports.insert(session('a', 'ann'));
    await blobs.append('import/a/disk', 0, bytesOf('12345678'));
    await blobs.append('import/a/empty', 0, bytesOf(''));
    await sessions.imports.delete('a');
    await blobs.delete('import/a/disk');
    await blobs.delete('import/a/empty');
    await sessions.imports.insert(session('a', 'bob'));
    await sessions.imports.insert(session('b', 'ann'));
    await blobs.append('import/a/disk', 0, bytesOf('12345678'));
    expect(await blobs.append('import/b/disk', 0, bytesOf('12345678'))).toBe(8);
  });

  test('counts a file that starts anew once', async () => {
    const { sessions, blobs } = await openLimited();
    await sessions.imports.insert(session('a', 'ann'));
    for (let count = 0; count < 5; count += 1) {
      await blobs.delete('import/a/disk');
      expect(await blobs.append('import/a/disk', 0, bytesOf('12345678'))).toBe(8);
    }
  });

  test('is not passed by writing many files at once', async () => {
    const { sessions, blobs } = await openLimited({ quotaPerOwner: 100 });
    await sessions.imports.insert(session('a', 'ann'));
    const names = Array.from({ length: 30 }, (_, at) => `import/a/${at}`);
    await Promise.allSettled(names.map((name) => blobs.append(name, 0, bytesOf('1234567890'))));
    const sizes = await Promise.all(names.map((name) => blobs.size(name)));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(100);
  });
});

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

describe('the reserve of the volume', () => {
  test('refuses new bytes, keeps the old ones, and takes new ones when there is room again', async () => {
    let free = 1_000;
    const { blobs } = await openLimited({ reserve: 990, freeBytes: async () => free });
    async function* filling(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks('1234567', '1234567')) {
        yield chunk;
        free -= chunk.length;
      }
    }
    await expect(blobs.append('k', 0, filling())).rejects.toMatchObject(noRoom);
    expect(new TextDecoder().decode(await collect(blobs.read('k')))).toBe('1234567');
    free = 2_000;
    expect(await blobs.append('k', 7, bytesOf('8'))).toBe(8);
  });

  test('is of the real volume', async () => {
    const { blobs } = await openLimited({ reserve: Number.MAX_SAFE_INTEGER });
    await expect(blobs.append('k', 0, bytesOf('1'))).rejects.toMatchObject(noRoom);
  });
});
