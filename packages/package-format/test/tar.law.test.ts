import { indexTar, PackageError, randomAccessOf, readTar, writeTar } from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeNumber, encodeNumber } from '../src/tar-number.ts';
import { collect, cutAt, sourceOf } from './source.ts';

const segment = fc.string({ unit: fc.constantFrom('a', 'B', '7', '-', ' ', 'ü', '虚'), minLength: 1, maxLength: 60 });
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const entries = fc.uniqueArray(
  fc.record({ name, body: fc.uint8Array({ maxLength: 1500 }), mtime: fc.integer({ min: 0, max: 2 ** 33 }) }),
  {
    selector: (entry) => entry.name.normalize('NFC').toLowerCase(),
    minLength: 1,
    maxLength: 6,
  },
);
const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });

type Entries = readonly { readonly name: string; readonly body: Uint8Array; readonly mtime: number }[];

function write(all: Entries): Promise<Uint8Array> {
  return collect(writeTar(all.map(({ body, ...rest }) => ({ ...rest, size: body.length, bytes: sourceOf(body) }))));
}

async function read(bytes: AsyncIterable<Uint8Array>) {
  const found: { name: string; body: Uint8Array; mtime: number | undefined }[] = [];
  for await (const member of readTar(bytes))
    found.push({ name: member.name, body: await collect(member.bytes), mtime: member.mtime });
  return found;
}

test('what is written is read back, wherever chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(entries, cuts, async (all, sizes) => {
      const bytes = await write(all);
      expect(await read(cutAt(bytes, sizes))).toEqual(all);
    }),
  );
});

test('an index finds the bytes that the stream gives', async () => {
  await fc.assert(
    fc.asyncProperty(entries, async (all) => {
      const bytes = await write(all);
      const members = await indexTar(randomAccessOf(bytes));
      expect(members.map(({ name: found, offset, size }) => [found, bytes.slice(offset, offset + size)])).toEqual(
        all.map((entry) => [entry.name, entry.body]),
      );
    }),
  );
});

test('a damaged archive gives a PackageError or members, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (all, damages) => {
        const bytes = await write(all);
        for (const [at, byte] of damages) bytes[at % bytes.length] = byte;
        for (const run of [() => read(sourceOf(bytes)), () => indexTar(randomAccessOf(bytes))]) {
          await run().catch((error: unknown) => expect(error).toBeInstanceOf(PackageError));
        }
      },
    ),
  );
});

test('a shortened archive is read as its whole members or refused', async () => {
  await fc.assert(
    fc.asyncProperty(entries, fc.double({ min: 0, max: 1, noNaN: true }), async (all, share) => {
      const bytes = await write(all);
      const cut = bytes.subarray(0, Math.floor(bytes.length * share));
      const found = await read(sourceOf(cut)).catch((error: unknown) => {
        expect(error).toBeInstanceOf(PackageError);
        return [];
      });
      expect(all.slice(0, found.length)).toEqual(found);
    }),
  );
});

test('a number of a header up to 8 EiB comes back exactly, in octal up to 8 GiB', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (value) => {
      const field = encodeNumber(value, 12);
      expect(field.length).toBe(12);
      expect(decodeNumber(field, 0)).toBe(value);
      expect((field[0] ?? 0) < 0x80).toBe(value < 2n ** 33n);
    }),
    { examples: [[2n ** 33n - 1n], [2n ** 33n], [2n ** 53n + 1n], [2n ** 63n - 1n]] },
  );
});
