import { digestAlgorithms, PackageError, readManifest, writeManifest } from '@ovfkit/package-format';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const lengths = { SHA1: 40, SHA256: 64, SHA384: 96, SHA512: 128 } as const;
const entry = fc.constantFrom(...digestAlgorithms).chain((algorithm) =>
  fc.record({
    name: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .filter((name) => !/[\r\n\ud800-\udfff]/.test(name)),
    algorithm: fc.constant(algorithm),
    digest: fc.string({
      unit: fc.constantFrom(...'0123456789abcdef'),
      minLength: lengths[algorithm],
      maxLength: lengths[algorithm],
    }),
  }),
);
const entries = fc.uniqueArray(entry, { selector: ({ name, algorithm }) => `${algorithm} ${name}` });

test('what is written is read back', () => {
  fc.assert(
    fc.property(entries, (all) => {
      expect(readManifest(writeManifest(all))).toEqual({ entries: all });
    }),
  );
});

test('any text gives a manifest or a PackageError', () => {
  const line = fc.oneof(
    entry.map((one) => writeManifest([one])),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom('\n', '\r\n', ''), (lines, separator) => {
      try {
        readManifest(lines.join(separator));
      } catch (error) {
        expect(error).toBeInstanceOf(PackageError);
      }
    }),
  );
});
