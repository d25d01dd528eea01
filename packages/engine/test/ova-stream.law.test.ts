import { collect, inPieces } from '@ovfkit/conformance';
import { tarSize, writeTar } from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOva } from '../src/export/ova-stream.ts';

const member = fc.record({
  name: fc.oneof(
    fc.stringMatching(/^[a-z]{1,12}\.vmdk$/),
    fc.stringMatching(/^[a-z]{90,120}\.vmdk$/),
    fc.constant('größer.vmdk'),
  ),
  bytes: fc.uint8Array({ maxLength: 1500 }),
});
const package_ = fc.uniqueArray(member, { maxLength: 5, selector: ({ name }) => name.toLowerCase() });

test('any range of an archive made on the fly is that range of the archive written in full', async () => {
  await fc.assert(
    fc.asyncProperty(package_, fc.nat(), fc.nat(), async (files, a, b) => {
      const entries = files.map(({ name, bytes }) => ({ name, size: bytes.length, bytes: inPieces(bytes, 100) }));
      const whole = await collect(writeTar(entries));
      const members = files.map(({ name, bytes }) => ({
        name,
        size: bytes.length,
        async *read({ start, end }: { readonly start: number; readonly end: number }) {
          yield bytes.subarray(start, end);
        },
      }));
      expect(tarSize(members)).toBe(whole.length);
      const [start = 0, end = 0] = [a % (whole.length + 1), b % (whole.length + 1)].toSorted((x, y) => x - y);
      expect(await collect(readOva(members, { start, end }))).toEqual(whole.slice(start, end));
      expect(await collect(readOva(members, { start: 0, end: whole.length }))).toEqual(whole);
    }),
  );
});
