import { randomBytes } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createInflater } from '../src/node/inflater.ts';

const size = 65_536;

test('pieces come back whole, several at once, whatever was wrong with those before them', async () => {
  const inflater = createInflater(size);
  const pieces = Array.from({ length: 40 }, (_, index) => randomBytes((index * 1777) % size));
  const damaged = deflateSync(randomBytes(5000)).fill(0, 100, 200);
  const cut = deflateSync(randomBytes(5000)).subarray(0, 4000);
  const results = await Promise.all(
    pieces.map(async (piece, index) => {
      if (index % 4 === 1) await expect(inflater.inflate(damaged)).rejects.toThrow();
      if (index % 4 === 2) await expect(inflater.inflate(cut)).rejects.toThrow('unexpected end');
      return inflater.inflate(deflateSync(piece));
    }),
  );
  for (const [index, piece] of pieces.entries()) expect(Buffer.compare(results[index] ?? piece, piece)).toBe(0);
  inflater.close();
});

test('bytes behind the data are not looked at', async () => {
  const inflater = createInflater(size);
  for (let round = 0; round < 3; round += 1) {
    const piece = randomBytes(size);
    const packed = Buffer.concat([deflateSync(piece), randomBytes(300)]);
    expect(Buffer.compare(await inflater.inflate(packed), piece)).toBe(0);
  }
  inflater.close();
});

test('inflating stops at the size', async () => {
  const inflater = createInflater(size);
  await expect(inflater.inflate(deflateSync(Buffer.alloc(100 * size)))).rejects.toThrow(RangeError);
  expect(await inflater.inflate(deflateSync(Buffer.alloc(size)))).toHaveLength(size);
  inflater.close();
});

test('what is under way when an inflater is closed rejects', async () => {
  const inflater = createInflater(size);
  const inflated = inflater.inflate(deflateSync(randomBytes(size)));
  inflater.close();
  await expect(inflated).rejects.toThrow();
});
