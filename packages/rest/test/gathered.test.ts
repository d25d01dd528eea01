import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Gathering, gathered } from '../src/gathered.ts';
import { createStallGuard } from '../src/stall-guard.ts';

const memory = { allocate: (size: number) => new Uint8Array(size) };
const url = new URL('http://localhost/');
const guard = createStallGuard({ url, stallTimeoutMs: 60_000, signal: undefined });
const chunksOf = (bytes: AsyncIterable<Uint8Array>, wanted: Pick<Gathering, 'skip' | 'size'> = {}) =>
  gathered(Readable.from(bytes, { objectMode: false }), { memory, guard, url, ...wanted });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (chunk: Uint8Array | undefined): string => new TextDecoder().decode(chunk);

test('what came is handed on while nothing more comes, and the rest when it does', async () => {
  let go = (): void => {};
  const more = new Promise<void>((resolve) => {
    go = resolve;
  });
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes('be');
    yield bytes('gun');
    await more;
    yield bytes(' and ended');
  }
  const chunks = chunksOf(source());
  expect(textOf((await chunks.next()).value ?? undefined)).toBe('begun');
  go();
  expect(textOf((await chunks.next()).value ?? undefined)).toBe(' and ended');
  expect(await chunks.next()).toMatchObject({ done: true });
});

test('what came before a failure is handed on before it', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes('some');
    throw new Error('broken');
  }
  const chunks = chunksOf(source(), { size: 10 });
  expect(textOf((await chunks.next()).value ?? undefined)).toBe('some');
  await expect(chunks.next()).rejects.toThrow('broken');
});

test('pieces are cut where a chunk is full, and all of them come', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 5; count += 1) yield new Uint8Array(700_000).fill(7);
  }
  const sizes: number[] = [];
  for await (const chunk of chunksOf(source())) sizes.push(chunk.length);
  expect(sizes).toEqual([1_048_576, 1_048_576, 1_048_576, 354_272]);
});

test('of what comes only what is wanted is handed on, and the rest is not waited for', async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield bytes('before');
    yield bytes('wanted, and');
    await new Promise<never>(() => {});
  }
  const texts: string[] = [];
  for await (const chunk of chunksOf(source(), { skip: 6, size: 6 })) texts.push(textOf(chunk));
  expect(texts).toEqual(['wanted']);
});

test('nothing more is taken than a chunk beside the one that is used', async () => {
  let given = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (given = 0; given < 100; given += 1) yield new Uint8Array(262_144).fill(given);
  }
  const chunks = chunksOf(source());
  await chunks.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(given).toBeLessThan(16);
  await chunks.return();
  const rest = given;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(given).toBe(rest);
});
