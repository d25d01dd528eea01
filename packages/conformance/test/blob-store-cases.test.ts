import { readFile } from 'node:fs/promises';
import type { BlobStore } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { blobStoreCases } from '../src/index.ts';
import { createMemoryBlobStore } from './support/memory-blob-store.ts';

describe('the store of docs/adding-an-adapter.md', () => {
  for (const { name, run } of blobStoreCases) test(name, () => run(async () => createMemoryBlobStore()));

  test('is printed there as it is tested here', async () => {
    const guide = await readFile(new URL('../../../docs/adding-an-adapter.md', import.meta.url), 'utf8');
    const code = await readFile(new URL('./support/memory-blob-store.ts', import.meta.url), 'utf8');
    expect(guide).toContain(code);
  });
});

/** What a careless adapter might do, and the law that finds it. */
const faults: readonly { readonly law: string; readonly spoil: (store: BlobStore) => Partial<BlobStore> }[] = [
  {
    law: 'an append at the wrong offset is refused and changes nothing',
    spoil: (store) => ({ append: async (key, _, bytes) => store.append(key, await store.size(key), bytes) }),
  },
  {
    law: 'a source that breaks off leaves what arrived, and its own error is passed on',
    spoil: (store) => ({
      append: async (key, offset, bytes) => {
        try {
          return await store.append(key, offset, bytes);
        } catch (cause) {
          throw new Error('it broke', { cause });
        }
      },
    }),
  },
  {
    law: 'large contents come back the same, whatever the chunks they came in',
    spoil: (store) => ({
      append: async (key, offset, bytes) => {
        const kept: Uint8Array[] = [];
        for await (const chunk of bytes) kept.push(chunk); // not copied: the source overwrites them
        const again = async function* () {
          yield* kept;
        };
        return store.append(key, offset, again());
      },
    }),
  },
  {
    law: 'a range holds its start and not its end, across chunk boundaries too',
    spoil: (store) => ({
      read: (key, range) => store.read(key, range && { start: range.start, end: range.end - 1 }),
    }),
  },
  {
    law: 'a range that is negative, backwards or beyond the end is refused',
    spoil: (store) => ({
      read: async function* (key, range) {
        const end = Math.min(range?.end ?? Number.POSITIVE_INFINITY, await store.size(key));
        yield* store.read(key, { start: Math.min(Math.max(0, range?.start ?? 0), end), end });
      },
    }),
  },
  {
    law: 'a sealed blob never changes: it takes no more bytes, and sealing it again is no error',
    spoil: () => ({ seal: async () => {} }),
  },
  { law: 'an unknown key cannot be sealed', spoil: () => ({ seal: async () => {} }) },
  {
    law: 'any key is kept, open and sealed, and none is taken for another',
    spoil: (store) => ({ append: (key, offset, bytes) => store.append(key.replaceAll('%2F', '/'), offset, bytes) }),
  },
  {
    law: 'the keys of a prefix are those that begin with it, whatever its characters and wherever it ends',
    spoil: (store) => ({ keys: (prefix) => store.keys(prefix.slice(0, prefix.lastIndexOf('/') + 1)) }),
  },
  {
    law: 'a deleted key is unknown, and may be written anew even after it was sealed',
    spoil: () => ({ delete: async () => {} }),
  },
];

describe('a store that is wrong in one thing', () => {
  for (const [index, { law, spoil }] of faults.entries()) {
    test(`breaks the law: ${law} (${index + 1})`, async () => {
      const broken = async (): Promise<BlobStore> => {
        const store = createMemoryBlobStore();
        return { ...store, ...spoil(store) };
      };
      const found = blobStoreCases.find(({ name }) => name === law);
      await expect(found?.run(broken)).rejects.toThrow();
    });
  }
});
