import type { ManifestEntry } from '@ovfkit/package-format';
import { expect, test } from 'vitest';
import { createManifestMemory } from '../src/manifest-memory.ts';

const linesOf = (count: number): readonly ManifestEntry[] =>
  Array.from({ length: count }, (_, index) => ({ name: `disk${index}.vmdk`, algorithm: 'SHA256', digest: 'ab' }));

test('a manifest is found by its digest, and no other is', () => {
  const memory = createManifestMemory();
  const lines = linesOf(2);
  memory.keep('one', lines);
  expect(memory.find('one')).toBe(lines);
  expect(memory.find('two')).toBeUndefined();
});

test('the oldest manifests go when together they have too many lines', () => {
  const memory = createManifestMemory();
  for (const digest of ['one', 'two', 'two', 'three']) memory.keep(digest, linesOf(16_384));
  expect(['one', 'two', 'three'].filter((digest) => memory.find(digest) !== undefined)).toEqual(['two', 'three']);
});

test('a manifest of more lines than are remembered is not kept, and drives out no other', () => {
  const memory = createManifestMemory();
  memory.keep('small', linesOf(1));
  memory.keep('large', linesOf(32_769));
  expect(memory.find('large')).toBeUndefined();
  expect(memory.find('small')).toHaveLength(1);
});
