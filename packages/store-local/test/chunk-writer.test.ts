import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createChunkWriter } from '../src/chunk-writer.ts';
import { lastingDisk } from '../src/disk.ts';

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

const zeros = (mebibytes: number) => Buffer.alloc(mebibytes * mebibyte);
const noise = (mebibytes: number) => randomBytes(mebibytes * mebibyte);
