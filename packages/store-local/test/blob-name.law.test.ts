import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blobFolder, blobPaths, keyOf } from '../src/blob-name.ts';

/** Any string at all: half surrogate pairs, controls, dots, slashes, and what looks encoded already. */
const anyKey = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), minLength: 1 }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', '%', '2', 'F', 'u', 'D', '+', 'part', 'blob', 'a'), minLength: 1 }),
  fc.string({ minLength: 190, maxLength: 450 }),
);

test('the key of every path of a key is that key', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      const { open, sealed } = blobPaths(key);
      expect(keyOf(open)).toBe(key);
      expect(keyOf(sealed)).toBe(key);
    }),
  );
});

test('no path leaves its folder, and no part of one is longer than a file name or empty', () => {
  fc.assert(
    fc.property(anyKey, (key) => {
      for (const part of Object.values(blobPaths(key)).flatMap((path) => path.split('/'))) {
        expect(part).toMatch(/^[A-Za-z0-9._%+-]{1,255}$/);
        expect(['.', '..']).not.toContain(part);
      }
    }),
  );
});

test('different keys never share a path', () => {
  fc.assert(
    fc.property(anyKey, anyKey, (one, other) => {
      fc.pre(one !== other);
      const paths = [...Object.values(blobPaths(one)), ...Object.values(blobPaths(other))];
      expect(new Set(paths).size).toBe(4);
    }),
  );
});

test('a path that no key gives has no key', () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      const key = keyOf(path);
      if (key !== undefined) expect(Object.values(blobPaths(key))).toContain(path);
    }),
  );
});

test('the folder of a prefix is above every key that begins with it, and for a whole segment above no other', () => {
  fc.assert(
    fc.property(anyKey, fc.nat(), (key, cut) => {
      const prefix = key.slice(0, cut % (key.length + 1));
      const folder = blobFolder(prefix);
      const { open } = blobPaths(key);
      expect(open.startsWith(folder === '' ? '' : `${folder}/`)).toBe(true);
      if (prefix.endsWith('/')) expect(keyOf(`${folder}/x.part`)).toBe(`${prefix}x`);
    }),
  );
});
