import { expect, test } from 'vitest';
import { gathered } from '../src/gathered.ts';

const memory = { allocate: (size: number) => new Uint8Array(size) };
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
  const chunks = gathered(source(), { memory, size: undefined, stop: () => {} });
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
  const chunks = gathered(source(), { memory, size: 10, stop: () => {} });
  expect(textOf((await chunks.next()).value ?? undefined)).toBe('some');
  await expect(chunks.next()).rejects.toThrow('broken');
});

test('pieces are cut where a chunk is full, and all of them come', async () => {
  const piece = new Uint8Array(700_000).fill(7);
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 5; count += 1) yield piece;
  }
  const sizes: number[] = [];
  for await (const chunk of gathered(source(), { memory, size: undefined, stop: () => {} })) sizes.push(chunk.length);
  expect(sizes).toEqual([1_048_576, 1_048_576, 1_048_576, 354_272]);
});
