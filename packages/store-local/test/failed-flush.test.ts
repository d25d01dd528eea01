import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const mebibyte = 1024 * 1024;

/** The flush of that number fails as that of a disk does which lost what it was given; modules have to be loaded afterwards. */
function failFlush(number: number): void {
  const fs: typeof import('node:fs') = createRequire(import.meta.url)('node:fs');
  const { fdatasync } = fs;
  let flushes = 0;
  const failing = (fd: number, callback: (error: Error | null) => void): void => {
    flushes += 1;
    if (flushes === number) callback(Object.assign(new Error('the disk failed'), { code: 'EIO' }));
    else fdatasync(fd, callback);
  };
  Object.assign(fs, { fdatasync: failing });
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { fdatasync });
    syncBuiltinESMExports();
  });
}

async function* counted(from: number, to: number): AsyncGenerator<Uint8Array> {
  for (let index = from; index < to; index += 1) yield new Uint8Array(mebibyte).fill(index);
}

test('bytes that a failed flush left in doubt are not kept, and are sent again', async () => {
  failFlush(2);
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { openLocalStore } = await import('../src/local-store.ts');
  const folder = mkdtempSync(join(tmpdir(), 'ovfkit-flush-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = await openLocalStore(folder);
  const { blobs } = store;
  await expect(blobs.append('disk', 0, counted(0, 80))).rejects.toThrow(/the disk failed|Writing the blob/);
  const kept = await blobs.size('disk');
  expect(kept).toBe(32 * mebibyte);
  await blobs.append('disk', kept, counted(32, 80));
  let size = 0;
  for await (const chunk of blobs.read('disk')) {
    for (let at = 0; at < chunk.length; at += 4096) expect(chunk[at]).toBe(Math.floor((size + at) / mebibyte));
    size += chunk.length;
  }
  expect(size).toBe(80 * mebibyte);
  await store.close();
});
