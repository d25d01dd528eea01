import { readManifest, writeManifest } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { refusal, refusalCode, utf8 } from './source.ts';

const sha1 = 'a9993e364706816aba3e25717850c26c9cd0d89d';
const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test.each([
  ['the strict form', `SHA256(a.ovf)= ${sha256}\n`],
  ['BSD style', `SHA256 (a.ovf) = ${sha256}\n`],
  ['no spaces', `SHA256(a.ovf)=${sha256}`],
  ['CRLF', `SHA256(a.ovf)= ${sha256}\r\n`],
  ['a byte order mark', `\uFEFFSHA256(a.ovf)= ${sha256}\n`],
  ['upper-case digits', `SHA256(a.ovf)= ${sha256.toUpperCase()}\n`],
  ['the name SHA2-256', `SHA2-256(a.ovf)= ${sha256}\n`],
  ['the name SHA-256', `SHA-256(a.ovf)= ${sha256}\n`],
  ['a lower-case name', `sha256(a.ovf)= ${sha256}\n`],
  ['blank lines and white space', `\n  SHA256(a.ovf)= ${sha256}  \n\n`],
  ['the same line twice', `SHA256(a.ovf)= ${sha256}\nSHA256(a.ovf)= ${sha256}\n`],
])('%s is read', (_, text) => {
  const expected = { entries: [{ name: 'a.ovf', algorithm: 'SHA256', digest: sha256 }] };
  expect(readManifest(text)).toEqual(expected);
  expect(readManifest(utf8(text))).toEqual(expected);
});

test('names may hold spaces, parentheses and any script', () => {
  const text = `SHA1(my (old) disk.vmdk)= ${sha1}\nSHA1(虚拟机.ovf)= ${sha1}\n`;
  expect(readManifest(text).entries.map(({ name }) => name)).toEqual(['my (old) disk.vmdk', '虚拟机.ovf']);
});

test('one file may have digests of two algorithms', () => {
  expect(readManifest(`SHA1(a)= ${sha1}\nSHA256(a)= ${sha256}\n`).entries).toHaveLength(2);
});

test.each([
  ['two different digests', `SHA1(a)= ${sha1}\nSHA1(a)= ${'0'.repeat(40)}\n`, 2],
  ['an unknown algorithm', `MD5(a)= ${'0'.repeat(32)}\n`, 1],
  ['a digest of the wrong length', `SHA256(a)= ${sha1}\n`, 1],
  ['a digest that is not hexadecimal', `SHA1(a)= ${'g'.repeat(40)}\n`, 1],
  ['a line of another form', `SHA1(a)= ${sha1}\nhello\n`, 2],
  ['a line without a name', `SHA1()= ${sha1}\n`, 1],
])('%s is refused with the line', async (_, text, line) => {
  expect(await refusal(() => readManifest(text, { file: 'a.mf' }))).toMatchObject({
    code: 'MANIFEST_INVALID',
    file: 'a.mf',
    line,
  });
});

test('bytes that are not UTF-8 are refused', async () => {
  expect(await refusalCode(() => readManifest(Uint8Array.of(0x53, 0xff, 0xfe)))).toBe('ENCODING_INVALID');
});

test('the strict form is written', () => {
  expect(writeManifest([{ name: 'a b.ovf', algorithm: 'SHA1', digest: sha1 }])).toBe(`SHA1(a b.ovf)= ${sha1}\n`);
});

test('what would not be read back is not written', async () => {
  expect(await refusalCode(() => writeManifest([{ name: 'a\nb', algorithm: 'SHA1', digest: sha1 }]))).toBe(
    'VALUE_INVALID',
  );
  expect(await refusalCode(() => writeManifest([{ name: 'a', algorithm: 'SHA256', digest: sha1 }]))).toBe(
    'VALUE_INVALID',
  );
});
