import { expect, test } from 'vitest';
import { cut, padEnd, widthOf, wrap } from '../../src/output/text-width.ts';

test.each([
  ['plain', 5],
  ['虚拟机', 6],
  ['e\u0301', 1],
  ['ＡＢ', 4],
  ['a😀', 3],
  ['…', 1],
])('%s takes %i columns', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test('a text is cut by columns, not by halves of characters', () => {
  expect(cut('a😀b😀', 4)).toBe('a😀…');
  expect(cut('虚拟机', 6)).toBe('虚拟机');
  expect(cut('虚拟机', 5)).toBe('虚拟…');
});

test('ideographs are padded to the columns they take', () => {
  expect(padEnd('虚拟', 6)).toBe('虚拟  ');
});

test('lines are broken between words, long words behind a separator, all as indented as the text', () => {
  expect(wrap('  one two three', 9)).toEqual(['  one two', '  three']);
  expect(wrap('guestinfo.network.address', 20)).toEqual(['guestinfo.network.', 'address']);
  expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
});

test('a width that not even one character fits into still ends', () => {
  expect(wrap('虚拟', 1)).toEqual(['虚', '拟']);
});
