import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { createChunkWriter } from '../src/chunk-writer.ts';

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
    const writer = createChunkWriter(unflushable(), 0);
    const chunk = new Uint8Array(size);
    const write = async () => {
      for (let written = 0; written < 100 * mebibyte; written += size) await writer.add(chunk);
    };
    await expect(write()).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(writer.finish()).rejects.toMatchObject({ code: 'EINVAL' });
    await writer.settled();
  },
);

test('nothing is finished before it is flushed, however little it is', async () => {
  const writer = createChunkWriter(unflushable(), 0);
  await writer.add(new Uint8Array(1));
  await expect(writer.finish()).rejects.toMatchObject({ code: 'EINVAL' });
});
