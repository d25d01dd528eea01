import { expect, test } from 'vitest';
import { shownUrl, urlOf } from '../src/pull/pull-address.ts';

const base = 'https://user:word@repo.example.com/a/app.ovf?x=1';
const folder = 'https://user:word@repo.example.com/a/';

test.each([
  ['disk.vmdk', 'disk.vmdk'],
  ['disks/disk 1.vmdk', 'disks/disk%201.vmdk'],
  ['disk#1.vmdk', 'disk%231.vmdk'],
  ['what?.vmdk', 'what%3F.vmdk'],
  ['100%.vmdk', '100%25.vmdk'],
  ['a%20b.vmdk', 'a%20b.vmdk'],
])('the file %s lies at %s in the folder of its descriptor', (href, path) => {
  expect(urlOf(href, base)).toBe(folder + path);
});

test('an address of its own is kept as it is', () => {
  expect(urlOf('https://other.example.com/x?y=1#z', base)).toBe('https://other.example.com/x?y=1#z');
});

test.each(['../x.vmdk', '/x.vmdk', '//other.example.com/x.vmdk', 'ftp://other.example.com/x'])(
  '%s is refused',
  (href) => {
    expect(() => urlOf(href, base)).toThrow(expect.objectContaining({ kind: 'INVALID_ARGUMENT' }));
  },
);

test('an address is told without what it may be opened with', () => {
  expect(shownUrl(base)).toBe('https://repo.example.com/a/app.ovf');
  expect(shownUrl('https://repo.example.com/a b.ovf')).toBe('https://repo.example.com/a b.ovf');
});
