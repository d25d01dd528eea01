import type { LookupAddress } from 'node:dns';
import { beforeEach, expect, test, vi } from 'vitest';
import { createPullSource } from '../src/index.ts';
import { textOf } from './support/backend.ts';
import { serve } from './support/http-server.ts';

// The one thing a test cannot have for real: a name server under an attacker's hand.
const answers = vi.hoisted((): { next: string[][]; asked: number } => ({ next: [], asked: 0 }));
vi.mock('node:dns', async (original) => ({
  ...(await original<object>()),
  lookup: (_name: string, _options: unknown, done: (error: null, found: LookupAddress[]) => void) => {
    const found = answers.next[Math.min(answers.asked, answers.next.length - 1)] ?? [];
    answers.asked += 1;
    process.nextTick(() =>
      done(
        null,
        found.map((address) => ({ address, family: 4 })),
      ),
    );
  },
}));
beforeEach(() => {
  answers.asked = 0;
});

const source = () => createPullSource({ isAllowed: (address) => address === '127.0.0.1' });
const named = (url: string, path = '/a') => `http://rebind.test:${new URL(url).port}${path}`;

test('a name that changes after it was checked is connected to where it was checked', async () => {
  const server = await serve((_, response) => void response.end('hello'));
  answers.next = [['127.0.0.1'], ['127.0.0.2']];
  expect(await textOf((await source().open({ url: named(server.url) })).bytes)).toBe('hello');
  expect(answers.asked).toBe(1);
});

test('a name that changes between two pulls is refused by the second', async () => {
  const server = await serve((_, response) => void response.end('hello'));
  answers.next = [['127.0.0.1'], ['127.0.0.2']];
  const first = await source().open({ url: named(server.url) });
  await textOf(first.bytes);
  await expect(source().open({ url: named(server.url) })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
});

test('a name that changes before its redirect to itself is refused there', async () => {
  const server = await serve((_, response) => {
    response.writeHead(302, { location: named(server.url, '/b'), connection: 'close' }).end();
  });
  answers.next = [['127.0.0.1'], ['169.254.169.254']];
  await expect(source().open({ url: named(server.url) })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  expect(server.seen).toEqual(['GET /a']);
});

test('of several addresses of a name only those that are allowed are tried', async () => {
  const server = await serve((_, response) => void response.end('hello'));
  answers.next = [['127.0.0.2', '127.0.0.1', '169.254.169.254']];
  expect(await textOf((await source().open({ url: named(server.url) })).bytes)).toBe('hello');
});
