import assert from 'node:assert/strict';
import { type BlobStore, createChunkPool } from '@ovfkit/domain';
import { blobAppendCases } from './blob-append-cases.ts';
import type { Case } from './case.ts';
import { bytesOf, collect, inPieces, noise } from './sample-bytes.ts';

/** Of some other bytes: a store believes what it is told. */
const digest = '0'.repeat(64);

const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> =>
  new TextDecoder().decode(await collect(bytes));

const keysOf = async (store: BlobStore, prefix = ''): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const key of store.keys(prefix)) keys.push(key);
  return keys.toSorted();
};

/** Keys that a careless store would lose, mix up, or write somewhere else. */
const oddKeys: readonly string[] = [
  'a',
  'a/b',
  'a.part',
  'a.blob',
  'a%2Fb',
  'a+b',
  '.',
  '..',
  '../../outside',
  '/etc/absolute',
  'C:\\windows\\path',
  'a//b/',
  ' leading and trailing ',
  'new\nline and \u0000',
  'quote \' " and ; DROP TABLE',
  'snow ☃ and 🧊',
  'half a pair \uD83E',
  '__proto__',
  '~',
  '*',
  `import/5f3a/${'long name '.repeat(40)}/disk.vmdk`,
  `import/5f3a/${'long name '.repeat(40)}`,
];

const readCases: readonly Case<BlobStore>[] = [
  {
    name: 'large contents come back the same, whatever the chunks they came in',
    async run(make) {
      const store = await make();
      const contents = noise(3 * 1024 * 1024 + 5);
      for (const size of [7919, 65_536, 1024 * 1024 + 1]) {
        await store.append(`k${size}`, 0, inPieces(contents, size));
        assert.ok(Buffer.from(await collect(store.read(`k${size}`))).equals(contents), `chunks of ${size}`);
      }
    },
  },
  {
    name: 'a range holds its start and not its end, across chunk boundaries too',
    async run(make) {
      const store = await make();
      const contents = noise(2 * 1024 * 1024 + 3);
      await store.append('k', 0, bytesOf(contents));
      const last = contents.length;
      for (const [start = 0, end = 0] of [
        [0, 1],
        [1024 * 1024 - 1, 1024 * 1024 + 1],
        [5, last],
        [last - 1, last],
      ]) {
        const read = await collect(store.read('k', { start, end }));
        assert.ok(Buffer.from(read).equals(contents.subarray(start, end)), `${start} to ${end}`);
      }
    },
  },
  {
    name: 'an empty range gives no bytes, at the very end as well',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('abc'));
      assert.equal(await textOf(store.read('k', { start: 1, end: 1 })), '');
      assert.equal(await textOf(store.read('k', { start: 3, end: 3 })), '');
    },
  },
  {
    name: 'bytes are the same in memory that is lent and taken back after each chunk',
    async run(make) {
      const store = await make();
      const content = noise(3_000_001);
      await store.append('k', 0, bytesOf(content));
      const pool = createChunkPool(1);
      const parts: Uint8Array[] = [];
      for await (const chunk of store.read('k', { start: 1, end: content.length }, pool)) {
        parts.push(chunk.slice());
        pool.release(chunk);
      }
      assert.deepEqual(Buffer.concat(parts), Buffer.from(content.subarray(1)));
    },
  },
  {
    name: 'a range that is negative, backwards or beyond the end is refused',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('abc'));
      for (const range of [
        { start: -1, end: 2 },
        { start: 2, end: 1 },
        { start: 0, end: 4 },
        { start: 4, end: 4 },
      ]) {
        await assert.rejects(collect(store.read('k', range)), { kind: 'INVALID_ARGUMENT' }, JSON.stringify(range));
      }
    },
  },
  {
    name: 'an unknown key cannot be read',
    async run(make) {
      await assert.rejects(collect((await make()).read('k')), { kind: 'NOT_FOUND' });
    },
  },
  {
    name: 'a reader that stops early leaves the blob readable and growing',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf(noise(2 * 1024 * 1024)));
      for await (const chunk of store.read('k')) {
        assert.ok(chunk.length > 0);
        break;
      }
      assert.equal(await store.append('k', 2 * 1024 * 1024, bytesOf('x')), 2 * 1024 * 1024 + 1);
    },
  },
  {
    name: 'two readers of one blob do not disturb each other',
    async run(make) {
      const store = await make();
      const contents = noise(2 * 1024 * 1024 + 1);
      await store.append('k', 0, bytesOf(contents));
      const [all, tail] = await Promise.all([
        collect(store.read('k')),
        collect(store.read('k', { start: 9, end: 99 })),
      ]);
      assert.ok(Buffer.from(all).equals(contents));
      assert.ok(Buffer.from(tail).equals(contents.subarray(9, 99)));
    },
  },
];

const keyCases: readonly Case<BlobStore>[] = [
  {
    name: 'any key is kept, open and sealed, and none is taken for another',
    async run(make) {
      const store = await make();
      for (const key of oddKeys) await store.append(key, 0, bytesOf(key));
      assert.deepEqual(await keysOf(store), oddKeys.toSorted());
      for (const key of oddKeys) await store.seal(key, digest);
      assert.deepEqual(await keysOf(store), oddKeys.toSorted());
      for (const key of oddKeys) {
        assert.deepEqual(await collect(store.read(key)), await collect(bytesOf(key)), key);
      }
      for (const key of oddKeys) await store.delete(key);
      assert.deepEqual(await keysOf(store), []);
    },
  },
  {
    name: 'the keys of a prefix are those that begin with it, whatever its characters and wherever it ends',
    async run(make) {
      const store = await make();
      for (const key of oddKeys) await store.append(key, 0, bytesOf(key));
      for (const sealed of oddKeys.slice(0, 8)) await store.seal(sealed, digest);
      const cuts = oddKeys.flatMap((key) =>
        [1, 2, 4, 12, 150, 199, 200, 201, key.length].map((end) => key.slice(0, end)),
      );
      for (const prefix of [...cuts, 'b', 'import/5f3', 'import/5f3a/', 'a/b/', '%2F'])
        assert.deepEqual(
          await keysOf(store, prefix),
          oddKeys.filter((key) => key.startsWith(prefix)).toSorted(),
          JSON.stringify(prefix),
        );
    },
  },
  {
    name: 'deleted keys are no longer among those of their prefix, the others are, and a new one joins them',
    async run(make) {
      const store = await make();
      for (const key of ['import/1/a', 'import/1/b', 'import/2/a', 'import/1'])
        await store.append(key, 0, bytesOf('x'));
      await store.delete('import/1/a');
      assert.deepEqual(await keysOf(store, 'import/1/'), ['import/1/b']);
      await store.delete('import/1/b');
      assert.deepEqual(await keysOf(store, 'import/1/'), []);
      await store.append('import/1/c', 0, bytesOf('x'));
      assert.deepEqual(await keysOf(store, 'import/1/'), ['import/1/c']);
      assert.deepEqual(await keysOf(store), ['import/1', 'import/1/c', 'import/2/a']);
    },
  },
  {
    name: 'the empty key is refused',
    async run(make) {
      const store = await make();
      await assert.rejects(store.append('', 0, bytesOf('a')), { kind: 'INVALID_ARGUMENT' });
    },
  },
  {
    name: 'deleting an unknown key is no error',
    async run(make) {
      await (await make()).delete('k');
    },
  },
  {
    name: 'a deleted key is unknown, and may be written anew even after it was sealed',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('first'));
      await store.seal('k', digest);
      await store.delete('k');
      assert.equal(await store.size('k'), 0);
      await assert.rejects(collect(store.read('k')), { kind: 'NOT_FOUND' });
      await store.append('k', 0, bytesOf('2nd'));
      assert.equal(await textOf(store.read('k')), '2nd');
    },
  },
];

/** The laws of `BlobStore`. */
export const blobStoreCases: readonly Case<BlobStore>[] = [...blobAppendCases, ...readCases, ...keyCases];
