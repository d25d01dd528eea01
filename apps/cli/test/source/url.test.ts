import { expect, test } from 'vitest';
import { isUrl, shownPath } from '../../src/source/url.ts';

test.each([
  ['https://files.lab.local/a.ova', true],
  ['HTTP://files/a.ova', true],
  ['a.ova', false],
  ['-', false],
  ['C:\\a.ova', false],
])('%s is an address: %s', (path, isAddress) => {
  expect(isUrl(path)).toBe(isAddress);
});

test.each(['ftp://files/a.ova', 'https://exa mple/a.ova'])('%s is refused as a mistake of the user', (path) => {
  expect(() => isUrl(path)).toThrow(expect.objectContaining({ exitClass: 'usage', hint: expect.any(String) }));
});

test('neither user and password nor the query are shown, not even of what is no address', () => {
  expect(shownPath('https://me:secret@files/a.ova?sig=secret')).toBe('https://files/a.ova');
  expect(() => isUrl('https://me:secret@exa mple/a')).toThrow(/^https:\/\/exa mple\/a is not an address$/);
});
