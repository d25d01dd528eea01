import { expect, test } from 'vitest';
import { createLoginLimit } from '../src/login-limit.ts';

const wrong = async () => undefined;
const right = async () => 'ann';

test('the wait doubles with each failure up to the longest, and a success ends it', async () => {
  let now = 0;
  const limit = createLoginLimit({ clock: () => now, freeFailures: 1, firstWaitMs: 10, longestWaitMs: 40 });
  const waits: number[] = [];
  for (const _ of Array(6)) {
    expect(await limit.attempt('k', wrong)).toEqual({ outcome: 'rejected' });
    const next = await limit.attempt('k', right);
    if (next.outcome !== 'tooMany') {
      waits.push(0);
      await limit.attempt('k', wrong);
      continue;
    }
    waits.push(next.retryAfterMs);
    now += next.retryAfterMs;
  }
  expect(waits).toEqual([0, 10, 20, 40, 40, 40]);
  expect(await limit.attempt('k', right)).toEqual({ outcome: 'accepted', who: 'ann' });
  expect(await limit.attempt('k', wrong)).toEqual({ outcome: 'rejected' });
  expect(await limit.attempt('k', right)).toMatchObject({ outcome: 'accepted' });
});

test('guesses sent all at once are tried no more often than guesses sent in a row', async () => {
  let tried = 0;
  const limit = createLoginLimit({ clock: () => 0, freeFailures: 3 });
  const guess = async () => {
    tried += 1;
    await new Promise(setImmediate);
    return undefined;
  };
  await Promise.all(Array.from({ length: 50 }, () => limit.attempt('k', guess)));
  expect(tried).toBe(4);
});

test('many right logins at once all succeed', async () => {
  const limit = createLoginLimit({ clock: () => 0, freeFailures: 3 });
  const all = await Promise.all(Array.from({ length: 50 }, () => limit.attempt('k', right)));
  expect(all.every(({ outcome }) => outcome === 'accepted')).toBe(true);
});

test('an attempt that fails by itself does not stop the next one', async () => {
  const limit = createLoginLimit({ clock: () => 0 });
  const broken = limit.attempt('k', () => Promise.reject(new Error('no database')));
  const next = limit.attempt('k', right);
  await expect(broken).rejects.toThrow('no database');
  expect(await next).toEqual({ outcome: 'accepted', who: 'ann' });
});
