import { expect, test } from 'vitest';
import { createChunkPool } from '../src/chunk-pool.ts';

const mib = 1024 * 1024;

test('memory that came back is used again, whatever part of it was asked for', () => {
  const pool = createChunkPool();
  const first = pool.allocate(mib);
  pool.release(first.subarray(0, 100));
  const second = pool.allocate(mib / 2);
  expect(second.buffer).toBe(first.buffer);
  expect(second.length).toBe(mib / 2);
});

test('memory that did not come back is never given twice', () => {
  const pool = createChunkPool();
  const chunks = Array.from({ length: 5 }, () => pool.allocate(mib));
  expect(new Set(chunks.map(({ buffer }) => buffer)).size).toBe(5);
});

test('memory that comes back twice, or came from elsewhere, is not given to two', () => {
  const pool = createChunkPool();
  const chunk = pool.allocate(mib);
  const foreign = new Uint8Array(mib);
  for (const each of [chunk, chunk, foreign]) pool.release(each);
  const [first, second] = [pool.allocate(mib), pool.allocate(mib)];
  expect(first.buffer).not.toBe(second.buffer);
  expect([first.buffer, second.buffer]).not.toContain(foreign.buffer);
});

test('no more than the limit is kept', () => {
  const pool = createChunkPool(1);
  const [first, second] = [pool.allocate(mib), pool.allocate(mib)];
  pool.release(first);
  pool.release(second);
  const again = [pool.allocate(mib), pool.allocate(mib)].map(({ buffer }) => buffer);
  expect(again).toContain(first.buffer);
  expect(again).not.toContain(second.buffer);
});
