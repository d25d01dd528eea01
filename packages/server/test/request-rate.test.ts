import { expect, test } from 'vitest';
import { createRequestRate } from '../src/request-rate.ts';

test('two seconds’ worth pass at once, then as many a second as are allowed', () => {
  let now = 0;
  const rate = createRequestRate({ perSecond: 10, clock: () => now });
  const passed = () => Array.from({ length: 50 }, () => rate.waitMs('a')).filter((ms) => ms === 0).length;
  expect(passed()).toBe(20);
  expect(rate.waitMs('a')).toBe(100);
  now += 500;
  expect(passed()).toBe(5);
  now += 3_600_000;
  expect(passed()).toBe(20);
});

test('one client does not use up what another may send', () => {
  const rate = createRequestRate({ perSecond: 1, clock: () => 0 });
  for (let count = 0; count < 5; count += 1) rate.waitMs('a');
  expect([rate.waitMs('a'), rate.waitMs('b')]).toEqual([1000, 0]);
});
