import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createChunkWriter } from '../src/chunk-writer.ts';
import { directDisk, lastingDisk } from '../src/disk.ts';

const mebibyte = 1024 * 1024;

/** Takes every byte, and refuses to be flushed. */
function unflushable(): number {
  const fd = openSync(devNull, 'w');
  onTestFinished(() => closeSync(fd));
  return fd;
}

test.each([64 * 1024, mebibyte])(
  'a flush that fails behind the writer is told, in chunks of %d bytes',
  async (size) => {
    const writer = createChunkWriter({ fd: unflushable(), offset: 0, disk: lastingDisk });
    const chunk = new Uint8Array(size).fill(1);
    const write = async () => {
      for (let written = 0; written < 100 * mebibyte; written += size) await writer.add(chunk);
    };
    await expect(write()).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(writer.finish()).rejects.toMatchObject({ code: 'EINVAL' });
    await writer.settled();
  },
);

test('nothing is finished before it is flushed, however little it is', async () => {
  const writer = createChunkWriter({ fd: unflushable(), offset: 0, disk: lastingDisk });
  await writer.add(Uint8Array.of(1));
  await expect(writer.finish()).rejects.toMatchObject({ code: 'EINVAL' });
});

test('zeros take no room on the disk, wherever they are, and are read back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-zeros-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'sparse');
  const file = await open(path, 'w+');
  const parts = [zeros(3), noise(1), zeros(40), noise(0.5), zeros(2.25)];
  const writer = createChunkWriter({ fd: file.fd, offset: 0, disk: lastingDisk });
  for (const part of parts)
    for (let at = 0; at < part.length; at += 65_536) await writer.add(part.subarray(at, at + 65_536));
  await writer.finish();
  await writer.settled();
  await file.close();
  const whole = Buffer.concat(parts);
  expect((await readFile(path)).equals(whole)).toBe(true);
  const { blocks } = await stat(path);
  expect(blocks * 512).toBeLessThan(5 * mebibyte);
});

describe('past the system’s cache', () => {
  const pages = new SharedArrayBuffer(mebibyte, { maxByteLength: mebibyte });

  /** Writes each part from the same memory, as whoever moves bytes does, and gives what the file has then. */
  async function written(parts: readonly Uint8Array[], memory: (size: number) => Uint8Array) {
    const folder = await mkdtemp(join(tmpdir(), 'ovfkit-direct-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'file');
    const file = await open(path, 'w+');
    const writer = createChunkWriter({ fd: file.fd, offset: 0, disk: directDisk });
    for (const part of parts) {
      const chunk = memory(part.length);
      chunk.set(part);
      await writer.add(chunk);
      chunk.fill(0);
    }
    await writer.finish();
    await writer.settled();
    await file.close();
    return readFile(path);
  }

  test.each([
    ['whole pages', [1, 1, 1]],
    ['an end that is no page', [1, 1, 0.7]],
    ['a piece between that ends within a page', [1, 0.3, 1, 1]],
    ['holes', [1, 0, 1]],
  ])('every byte comes to be where it belongs: %s', async (_, sizes) => {
    const parts = sizes.map((size) => (size === 0 ? zeros(1) : noise(size)));
    const whole = Buffer.concat(parts);
    expect((await written(parts, (size) => new Uint8Array(pages, 0, size))).equals(whole)).toBe(true);
  });

  test('memory that does not lie as the disk wants it is written all the same', async () => {
    const parts = [noise(0.5), noise(0.5), noise(0.25)];
    const memory = (size: number) => new Uint8Array(pages, 3, size);
    expect((await written(parts, memory)).equals(Buffer.concat(parts))).toBe(true);
  });

  test.runIf(process.platform === 'linux')('an open file is opened once more, wherever it is by now', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ovfkit-direct-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = await open(join(folder, 'file'), 'w+');
    await rm(join(folder, 'file'));
    const direct = directDisk.openDirect(file.fd);
    if (direct === undefined) return; // a file system that has nothing but its cache
    expect(fstatSync(direct).ino).toBe((await file.stat()).ino);
    closeSync(direct);
    await file.close();
  });
});

const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * mebibyte);
const noise = (mebibytes: number) => randomBytes(Math.floor(mebibytes * mebibyte));
