import { bytesOf, collect, inPieces, noise } from '@ovfkit/conformance';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBlobs, tempFolder } from './support/temp-folder.ts';

test('what was appended in any pieces, cut in any chunks, is read back the same in any range', async () => {
  const blobs = openBlobs(await tempFolder());
  const contents = noise(2_500_000);
  const cut = fc.integer({ min: 0, max: contents.length });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(cut, { maxLength: 4 }),
      fc.constantFrom(1000, 65_536, 1_048_575, 1_048_576, 1_048_577, 3_000_000),
      fc.tuple(cut, cut),
      async (cuts, chunkSize, [one, other]) => {
        run += 1;
        const key = `k${run}`;
        const ends = [...cuts.toSorted((a, b) => a - b), contents.length];
        let offset = 0;
        for (const end of ends) {
          offset = await blobs.append(key, offset, inPieces(contents.subarray(offset, end), chunkSize));
          expect(offset).toBe(end);
        }
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const read = Buffer.from(await collect(blobs.read(key, range)));
        expect(read.equals(contents.subarray(range.start, range.end))).toBe(true);
        await blobs.delete(key);
      },
    ),
    { numRuns: 25 },
  );
});

test('appends, seals and deletes in any order do what a list of bytes would do', async () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b'),
    what: fc.constantFrom('append', 'append', 'seal', 'delete'),
    text: fc.string({ maxLength: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const blobs = openBlobs(await tempFolder());
      const model = new Map<string, { text: string; isSealed: boolean }>();
      for (const { key, what, text } of steps) {
        const known = model.get(key);
        if (what === 'append' && known?.isSealed) {
          await expect(blobs.append(key, await blobs.size(key), bytesOf(text))).rejects.toThrow('sealed');
        } else if (what === 'append') {
          await blobs.append(key, await blobs.size(key), bytesOf(text));
          model.set(key, { text: `${known?.text ?? ''}${text}`, isSealed: false });
        } else if (what === 'delete') {
          await blobs.delete(key);
          model.delete(key);
        } else if (known === undefined) {
          await expect(blobs.seal(key, '')).rejects.toThrow('no blob');
        } else {
          await blobs.seal(key, '');
          known.isSealed = true;
        }
      }
      for (const key of ['a', 'b']) {
        const text = model.get(key)?.text;
        expect(await blobs.size(key)).toBe(new TextEncoder().encode(text ?? '').length);
        if (text !== undefined) expect(new TextDecoder().decode(await collect(blobs.read(key)))).toBe(text);
      }
    }),
    { numRuns: 40 },
  );
});
