import { expect, test } from 'vitest';
import { isUrl, shownPath, withoutSignature } from '../../src/source/url.ts';

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

test.each([
  ['https://s3/b/a.ova?X-Amz-Algorithm=A&X-Amz-Expires=60&X-Amz-Signature=b', 'https://s3/b/a.ova'],
  ['https://blob/a.ova?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=b', 'https://blob/a.ova'],
  ['https://cdn/a.ova?v=3&Expires=1&Signature=b&Key-Pair-Id=c', 'https://cdn/a.ova?v=3'],
  ['https://files/get?file=a.ova&se=1', 'https://files/get?file=a.ova&se=1'],
  ['https://files/a%20b.ova', 'https://files/a%20b.ova'],
])('%s without what signs it is %s', (address, unsigned) => {
  expect(withoutSignature(address)).toBe(unsigned);
});
