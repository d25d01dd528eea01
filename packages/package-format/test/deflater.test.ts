import { randomBytes } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { writeStreamOptimized } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { createDeflater } from '../src/node/deflater.ts';
import { sourceOf } from './source.ts';

const size = 65_536;

test('each piece is zlib data of its own, filled up to the size, and is taken before the call returns', async () => {
  const deflater = createDeflater({ level: 6, size });
  for (const length of [size, 1, size - 1, 512]) {
    const piece = randomBytes(length);
    const expected = Buffer.concat([piece, Buffer.alloc(size - length)]);
    const deflated = deflater.deflate(piece);
    piece.fill(0);
    expect(Buffer.compare(inflateSync(await deflated), expected), `${length} bytes`).toBe(0);
  }
  deflater.close();
});

test('what is under way when a deflater is closed rejects', async () => {
  const deflater = createDeflater({ level: 9, size });
  const deflated = deflater.deflate(randomBytes(size));
  deflater.close();
  await expect(deflated).rejects.toThrow('closed');
});

test('a consumer that stops early lets the grains on their way go', async () => {
  const capacity = 64 * size;
  let chunks = 0;
  for await (const _ of writeStreamOptimized(sourceOf(randomBytes(capacity)), { capacity, level: 9 })) {
    chunks += 1;
    if (chunks === 3) break;
  }
  expect(chunks).toBe(3);
});
