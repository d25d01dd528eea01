import { expect, test } from 'vitest';
import { formatDuration, formatSize, oneLine } from '../../src/output/format.ts';

test.each([
  [0, '0 bytes'],
  [1023, '1023 bytes'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [20 * 1024 ** 3, '20 GiB'],
  [9_007_199_254_740_991, '8.0 PiB'],
])('%i is %s', (size, text) => {
  expect(formatSize(size)).toBe(text);
});

test.each([
  [950, '0.9 s'],
  [59_000, '59 s'],
  [83_000, '1 min 23 s'],
  [7_260_000, '2 h 1 min'],
])('%i ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('characters that steer a terminal are replaced, white space is one space', () => {
  expect(oneLine('a\u001B[31mb\n\tc\u009B')).toBe('a\uFFFD[31mb c\uFFFD');
});
