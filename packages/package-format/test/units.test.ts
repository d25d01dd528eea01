import { readUnit, readWhole, toBytes } from '@ovfkit/package-format';
import { expect, test } from 'vitest';

test.each([
  ['byte', 1],
  ['bytes', 1],
  ['byte * 2^30', 2 ** 30],
  ['byte*2^30', 2 ** 30],
  ['byte * 2 ^ 30', 2 ** 30],
  ['byte * 1024', 1024],
  ['byte * 2^10 * 2^10', 2 ** 20],
  ['byte * 10^9', 1e9],
  ['byte * 1.5 * 2^20', 1_572_864],
  ['byte * 2^30 / 2^10', 2 ** 20],
  ['Byte * 2^+20', 2 ** 20],
  ['KBytes', 1024],
  ['KiloBytes', 1024],
  ['MegaBytes', 2 ** 20],
  ['GigaBytes', 2 ** 30],
  ['TeraBytes', 2 ** 40],
  ['MB', 2 ** 20],
  ['GiB', 2 ** 30],
])('%s is a number of bytes', (text, factor) => {
  expect(readUnit(text)).toEqual({ base: 'byte', factor });
});

test.each([
  ['hertz * 10^6', 1e6],
  ['Hertz*10^9', 1e9],
  ['MegaHertz', 1e6],
  ['MHz', 1e6],
])('%s is a number of hertz', (text, factor) => {
  expect(readUnit(text)).toEqual({ base: 'hertz', factor });
});

test.each(['', '256 MB of memory', 'byte * x', 'byte * 2^', 'byte * 2^-3', 'byte * 2^80', 'byte + 1', '2^30'])(
  '%j is no unit',
  (text) => {
    expect(readUnit(text)).toBeUndefined();
  },
);

test.each([
  ['count', 'count', 1],
  ['percent', 'percent', 1],
  ['byte / second * 10^6', 'byte/second', 1e6],
  ['bit/second*2^10', 'bit/second', 1024],
  ['volt ampere * 10^3', 'volt ampere', 1000],
  ['watt * hour', 'watt*hour', 1],
])('%s is a number of %s', (text, base, factor) => {
  expect(readUnit(text)).toEqual({ base, factor });
});

test.each(['byte * 2^10 * byte', 'byte **', '/ second', 'byte / 3', 'byte / furlong', `byte${' * 1'.repeat(100)}`])(
  '%s is no unit',
  (text) => {
    expect(readUnit(text)).toBeUndefined();
  },
);

test('whole numbers are never rounded', () => {
  expect(readWhole(' 9007199254740991 ')).toBe(9_007_199_254_740_991);
  for (const text of ['9007199254740993', '-1', '1.5', '1e3', '0x10', '', 'abcd', '９'])
    expect(readWhole(text)).toBeUndefined();
});

test('a product beyond 2^53 is no size', () => {
  expect(toBytes(8, 'byte * 2^30')).toBe(8 * 2 ** 30);
  expect(toBytes(2 ** 40, 'byte * 2^30')).toBeUndefined();
  expect(toBytes(1, 'hertz')).toBeUndefined();
});
