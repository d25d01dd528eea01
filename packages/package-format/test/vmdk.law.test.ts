import { concat, inspectVmdk, PackageError, randomAccessOf } from '@ovfkit/package-format';
import { readStreamOptimized, writeStreamOptimized } from '@ovfkit/package-format/node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collect, cutAt, sourceOf } from './source.ts';

/** Runs of zeros and of data, so that grains of both kinds and mixtures occur. */
const run = fc.oneof(
  fc.integer({ min: 1, max: 400 }).map((sectors) => new Uint8Array(sectors * 512)),
  fc
    .tuple(fc.integer({ min: 1, max: 60 }), fc.nat(255))
    .map(([sectors, seed]) => Uint8Array.from({ length: sectors * 512 }, (_, at) => (at * 31 + seed) % 256)),
);
const disk = fc.array(run, { minLength: 1, maxLength: 6 }).map(concat);
const cuts = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 4 });

test('what is written is read back, wherever chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(disk, cuts, async (raw, sizes) => {
      const packed = await collect(writeStreamOptimized(cutAt(raw, sizes), { capacity: raw.length, level: 1 }));
      expect(packed.length % 512).toBe(0);
      expect(Buffer.compare(await collect(readStreamOptimized(cutAt(packed, sizes))), raw)).toBe(0);
      expect(await inspectVmdk(randomAccessOf(packed))).toMatchObject({
        kind: 'streamOptimized',
        capacity: raw.length,
      });
    }),
    { numRuns: 25 },
  );
});

test('a damaged disk gives data or a PackageError, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      disk,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      async (raw, damages) => {
        const packed = await collect(writeStreamOptimized(sourceOf(raw), { capacity: raw.length, level: 1 }));
        // damage beyond the filled-up start, or within its header
        for (const [at, byte] of damages)
          packed[at % 2 === 0 ? 65_536 + (at % (packed.length - 65_536)) : at % 512] = byte;
        for (const attempt of [() => readSome(packed), () => inspectVmdk(randomAccessOf(packed))]) {
          await attempt().catch((error: unknown) => expect(error).toBeInstanceOf(PackageError));
        }
      },
    ),
    { numRuns: 50 },
  );
});

/** A damaged capacity can be large; reading stops well before that. */
async function readSome(packed: Uint8Array): Promise<void> {
  let size = 0;
  for await (const part of readStreamOptimized(sourceOf(packed))) {
    size += part.length;
    if (size > 16 * 1024 ** 2) return;
  }
}
