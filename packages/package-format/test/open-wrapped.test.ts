import { gzipSync } from 'node:zlib';
import { type PackageReader, randomAccessOf, writeTar } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { openWrapped } from '../src/node/open-wrapped.ts';
import { sourceOf, textFrom, utf8 } from './source.ts';

const names = ['vm.ovf', 'a.vmdk', 'b.vmdk', 'c.vmdk'];
const contentOf = (name: string) => `${name} `.repeat(30_000);

/** A wrapped archive, and how often its first byte was read. */
async function open(): Promise<{ readonly reader: PackageReader; passes(): number }> {
  const entries = names.map((name) => {
    const bytes = utf8(contentOf(name));
    return { name, size: bytes.length, bytes: sourceOf(bytes) };
  });
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(entries)) parts.push(part);
  const source = randomAccessOf(gzipSync(Buffer.concat(parts), { level: 1 }));
  let passes = 0;
  const file = {
    ...source,
    read(part: { readonly start: number; readonly end: number }) {
      passes += part.start === 0 ? 1 : 0;
      return source.read(part);
    },
    close: async () => {},
  };
  return { reader: await openWrapped({ file, wrapping: 'gzip', name: 'vm.ova.gz' }), passes: () => passes };
}

test('members that are read in their order cost one pass after the listing', async () => {
  const { reader, passes } = await open();
  for (const name of names) expect(await textFrom(reader.read(name))).toBe(contentOf(name));
  expect(passes()).toBe(2);
  await reader.close();
});

test('a member that is skipped, or read in part, does not cost another pass', async () => {
  const { reader, passes } = await open();
  expect(await textFrom(reader.read('a.vmdk', { start: 7, end: 13 }))).toBe('a.vmdk');
  expect(await textFrom(reader.read('c.vmdk', { start: 0, end: 6 }))).toBe('c.vmdk');
  expect(passes()).toBe(2);
  await reader.close();
});

test('a read that goes back starts anew, and what follows goes on from it', async () => {
  const { reader, passes } = await open();
  for (const name of ['c.vmdk', 'a.vmdk', 'b.vmdk', 'b.vmdk'])
    expect(await textFrom(reader.read(name))).toBe(contentOf(name));
  expect(passes()).toBe(4);
  await reader.close();
});

test('reads that go on side by side do not disturb each other', async () => {
  const { reader } = await open();
  const texts = await Promise.all([...names, ...names].map((name) => textFrom(reader.read(name))));
  expect(texts).toEqual([...names, ...names].map(contentOf));
  for await (const _ of reader.read('b.vmdk')) break;
  expect(await textFrom(reader.read('c.vmdk'))).toBe(contentOf('c.vmdk'));
  await reader.close();
});
