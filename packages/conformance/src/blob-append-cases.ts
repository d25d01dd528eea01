import assert from 'node:assert/strict';
import type { BlobStore } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { breakingOff, bytesOf, collect, noise } from './sample-bytes.ts';

/** Of some other bytes: a store believes what it is told. */
const digest = '0'.repeat(64);

const textOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string> =>
  new TextDecoder().decode(await collect(bytes));

/** Bytes that arrive, and then nothing until `open` is called. */
function held(first: string): { readonly bytes: AsyncIterable<Uint8Array>; readonly open: () => void } {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const bytes = async function* () {
    yield* bytesOf(first);
    await gate;
    yield* bytesOf('!');
  };
  return { bytes: bytes(), open };
}

const growthCases: readonly Case<BlobStore>[] = [
  {
    name: 'a key that was never written has 0 bytes',
    async run(make) {
      assert.equal(await (await make()).size('k'), 0);
    },
  },
  {
    name: 'an append gives the new size, and the next one goes on from there',
    async run(make) {
      const store = await make();
      assert.equal(await store.append('k', 0, bytesOf('ab', 'c')), 3);
      assert.equal(await store.append('k', 3, bytesOf('de')), 5);
      assert.equal(await store.size('k'), 5);
      assert.equal(await textOf(store.read('k')), 'abcde');
    },
  },
  {
    name: 'a chunk may be overwritten once the next one is asked for, whatever its size',
    async run(make) {
      const store = await make();
      for (const size of [1, 100_000, 1_000_000]) {
        const parts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(size));
        const chunk = new Uint8Array(size);
        const bytes = async function* () {
          for (const part of parts) {
            new TextEncoder().encodeInto(part, chunk);
            yield chunk;
            chunk.fill(0);
          }
        };
        await store.append(`k${size}`, 0, bytes());
        assert.equal(await textOf(store.read(`k${size}`)), parts.join(''));
      }
    },
  },
  {
    name: 'an append of nothing makes an empty blob, which can be sealed and read',
    async run(make) {
      const store = await make();
      assert.equal(await store.append('k', 0, bytesOf()), 0);
      await store.seal('k', digest);
      assert.equal(await textOf(store.read('k')), '');
    },
  },
  {
    name: 'an append at the wrong offset is refused and changes nothing',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('ab'));
      for (const offset of [0, 1, 3, 5]) {
        await assert.rejects(store.append('k', offset, bytesOf('x')), { kind: 'CONCURRENT_CHANGE' }, `at ${offset}`);
      }
      assert.equal(await textOf(store.read('k')), 'ab');
    },
  },
  {
    name: 'an append behind the start of an unknown key is refused and makes no key',
    async run(make) {
      const store = await make();
      await assert.rejects(store.append('k', 1, bytesOf('x')), { kind: 'CONCURRENT_CHANGE' });
      for await (const key of store.keys('')) assert.fail(`${key} was made`);
    },
  },
  {
    name: 'a source that breaks off leaves what arrived, and its own error is passed on',
    async run(make) {
      const store = await make();
      const cause = new Error('the line is dead');
      const large = noise(1024 * 1024 + 7);
      await assert.rejects(store.append('k', 0, breakingOff(cause, large, 'ab')), (error) => error === cause);
      assert.equal(await store.size('k'), large.length + 2);
      assert.equal(await store.append('k', large.length + 2, bytesOf('c')), large.length + 3);
      assert.ok(Buffer.from(await collect(store.read('k'))).equals(Buffer.concat([large, Buffer.from('abc')])));
    },
  },
];

const writerCases: readonly Case<BlobStore>[] = [
  {
    name: 'a second append of a key while one is under way is refused, and the first is not disturbed',
    async run(make) {
      const store = await make();
      const { bytes, open } = held('ab');
      const first = store.append('k', 0, bytes);
      await assert.rejects(store.append('k', 0, bytesOf('x')), { kind: 'CONCURRENT_CHANGE' });
      open();
      assert.equal(await first, 3);
      assert.equal(await textOf(store.read('k')), 'ab!');
    },
  },
  {
    name: 'appends of different keys run at the same time',
    async run(make) {
      const store = await make();
      const { bytes, open } = held('ab');
      const slow = store.append('slow', 0, bytes);
      assert.equal(await store.append('quick', 0, bytesOf('xyz')), 3);
      open();
      assert.equal(await slow, 3);
    },
  },
  {
    name: 'a key is free again after an append that broke off',
    async run(make) {
      const store = await make();
      await assert.rejects(store.append('k', 0, breakingOff(new Error('broken'))));
      assert.equal(await store.append('k', 0, bytesOf('a')), 1);
    },
  },
];

async function keysOfSize(store: BlobStore, size: number): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.sealedOfSize(size)) keys.push(key);
  return keys;
}

const sealCases: readonly Case<BlobStore>[] = [
  {
    name: 'a sealed blob never changes: it takes no more bytes, and sealing it again is no error',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('ab'));
      await store.seal('k', digest);
      await store.seal('k', digest);
      await assert.rejects(store.append('k', 2, bytesOf('c')), { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
      assert.equal(await store.size('k'), 2);
      assert.equal(await textOf(store.read('k')), 'ab');
    },
  },
  {
    name: 'an unknown key cannot be sealed',
    async run(make) {
      await assert.rejects((await make()).seal('k', digest), { kind: 'NOT_FOUND' });
    },
  },
  {
    name: 'sealed blobs are found by their digest and by their size, whatever their keys, and open or deleted ones are not',
    async run(make) {
      const store = await make();
      const other = 'f'.repeat(64);
      for (const key of ['a', 'b', 'half \uD83E and \u0000', 'open', 'other'])
        await store.append(key, 0, bytesOf('same'));
      for (const key of ['a', 'b', 'half \uD83E and \u0000']) await store.seal(key, digest);
      await store.seal('other', other);
      assert.deepEqual((await store.sealed(digest)).toSorted(), ['a', 'b', 'half \uD83E and \u0000']);
      assert.deepEqual((await keysOfSize(store, 4)).toSorted(), ['a', 'b', 'half \uD83E and \u0000', 'other']);
      await store.delete('b');
      await store.delete('half \uD83E and \u0000');
      assert.deepEqual(await store.sealed(digest), ['a']);
      assert.deepEqual((await keysOfSize(store, 4)).toSorted(), ['a', 'other']);
      assert.deepEqual(await keysOfSize(store, 3), []);
      assert.deepEqual(await store.sealed('1'.repeat(64)), []);
    },
  },
  {
    name: 'a key that is written anew has the digest of what it holds now, and none until it is sealed',
    async run(make) {
      const store = await make();
      await store.append('k', 0, bytesOf('first'));
      await store.seal('k', digest);
      await store.delete('k');
      await store.append('k', 0, bytesOf('second'));
      assert.deepEqual(await store.sealed(digest), []);
      assert.deepEqual(await keysOfSize(store, 6), []);
      await store.seal('k', 'f'.repeat(64));
      assert.deepEqual(await store.sealed(digest), []);
      assert.deepEqual(await keysOfSize(store, 5), []);
      assert.deepEqual(await keysOfSize(store, 6), ['k']);
      assert.deepEqual(await store.sealed('f'.repeat(64)), ['k']);
    },
  },
];

/** The laws of `append` and `seal`. */
export const blobAppendCases: readonly Case<BlobStore>[] = [...growthCases, ...writerCases, ...sealCases];
