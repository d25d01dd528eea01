import { indexTar, tarLayout, tarSize, writeTar } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { collect, refusal, refusalCode, sourceOf, utf8 } from './source.ts';

const entry = (name: string, text: string) => ({ name, size: utf8(text).length, bytes: sourceOf(utf8(text)) });

test('the layout tells the size and every offset before anything is written', async () => {
  const entries = [entry('a.ovf', 'one'), entry('ü'.repeat(90), 'x'.repeat(512)), entry('empty', '')];
  const { members, size } = tarLayout(entries);
  const bytes = await collect(writeTar(entries));
  expect(bytes.length).toBe(size);
  expect(tarSize(entries)).toBe(size);
  expect(bytes[members[1]?.offset ?? 0]).toBe('x'.charCodeAt(0));
});

test('a member of 8 GiB and more is found at its right size by an index', async () => {
  const size = 9 * 1024 ** 3;
  const { members, size: total } = tarLayout([
    { name: 'disk.vmdk', size },
    { name: 'z', size: 0 },
  ]);
  const writer = writeTar([{ name: 'disk.vmdk', size, bytes: sourceOf(new Uint8Array()) }]);
  const headers = (await writer.next()).value ?? new Uint8Array();
  await writer.return();
  expect(members[0]?.offset).toBe(headers.length);
  const source = {
    size: total,
    async *read({ start, end }: { start: number; end: number }) {
      const part = new Uint8Array(end - start);
      part.set(headers.subarray(start, end));
      yield part;
    },
  };
  expect(await indexTar(source)).toMatchObject([{ name: 'disk.vmdk', size }]);
});

test('a body that is not as long as announced is refused', async () => {
  expect(await refusal(() => collect(writeTar([{ name: 'a', size: 4, bytes: sourceOf(utf8('abc')) }])))).toMatchObject({
    code: 'SIZE_MISMATCH',
    file: 'a',
  });
  expect(await refusalCode(() => collect(writeTar([{ name: 'a', size: 2, bytes: sourceOf(utf8('abc')) }])))).toBe(
    'SIZE_MISMATCH',
  );
});

test('what could not be read back is not written', async () => {
  expect(await refusalCode(() => collect(writeTar([entry('../a', '')])))).toBe('NAME_REFUSED');
  expect(await refusalCode(() => collect(writeTar([entry('a', ''), entry('A', '')])))).toBe('TAR_DUPLICATE');
  expect(await refusalCode(() => collect(writeTar([{ name: 'a', size: -1, bytes: sourceOf(utf8('')) }])))).toBe(
    'VALUE_INVALID',
  );
});

test('the same entries give the same bytes', async () => {
  const once = await collect(writeTar([entry('a.ovf', 'one')]));
  expect(await collect(writeTar([entry('a.ovf', 'one')]))).toEqual(once);
});
