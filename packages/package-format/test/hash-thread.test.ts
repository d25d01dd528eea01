import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { createHashThread } from '../src/node/hash-thread.ts';

function startThread() {
  const thread = createHashThread();
  onTestFinished(() => thread.close());
  return thread;
}

const sha256 = (...chunks: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(chunks)).digest('hex');

const sharedBytes = (text: string): Uint8Array => {
  const bytes = new Uint8Array(new SharedArrayBuffer(text.length));
  new TextEncoder().encodeInto(text, bytes);
  return bytes;
};

test('files that are hashed at the same time have the digests of their own bytes, however many are under way', async () => {
  const thread = startThread();
  const files = Array.from({ length: 20 }, (_, index) => ({
    hashing: thread.createHashing(index % 2 === 0 ? [] : ['SHA1', 'MD5']),
    chunks: Array.from({ length: 30 }, (_each, at) =>
      at % 3 === 0 ? sharedBytes(`${index}-${at}`) : Buffer.from(`${index}-${at}`),
    ),
  }));
  await Promise.all(files.flatMap(({ hashing, chunks }) => chunks.map((chunk) => hashing.update(chunk))));
  for (const { hashing, chunks } of files) {
    const digests = await hashing.digests();
    expect(digests.get('SHA256')).toBe(sha256(...chunks));
    expect([...digests.keys()]).toEqual([...hashing.algorithms]);
    expect(hashing.size()).toBe(Buffer.concat(chunks).length);
  }
});

test('a digest may be asked for in between, and the hashing goes on', async () => {
  const hashing = startThread().createHashing([]);
  expect((await hashing.digests()).get('SHA256')).toBe(sha256());
  await hashing.update(Buffer.from('a'));
  expect((await hashing.digests()).get('SHA256')).toBe(sha256(Buffer.from('a')));
  await hashing.update(Buffer.from('b'));
  expect((await hashing.digests()).get('SHA256')).toBe(sha256(Buffer.from('ab')));
});

test('bytes may be overwritten once they are hashed', async () => {
  const hashing = startThread().createHashing([]);
  const chunk = sharedBytes('abc');
  await hashing.update(chunk);
  chunk.fill(0);
  expect((await hashing.digests()).get('SHA256')).toBe(sha256(Buffer.from('abc')));
});

test('when the thread dies what it hashed is known to be lost, and the next file gets another thread', async () => {
  const thread = startThread();
  const lost = thread.createHashing([]);
  await lost.update(Buffer.from('abc'));
  await thread.close();
  await lost.update(Buffer.from('d'));
  expect(lost.size()).toBeNaN();
  await expect(lost.digests()).rejects.toThrow('The thread that hashes has ended.');
  const next = thread.createHashing([]);
  await next.update(Buffer.from('abc'));
  expect((await next.digests()).get('SHA256')).toBe(sha256(Buffer.from('abc')));
});
