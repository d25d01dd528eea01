import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createPace } from '../src/pace.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const limits = { stallTimeoutMs: 120_000, minimumRate: 1000, totalMs: 600_000 };

describe('a client that sends a little now and then', () => {
  test('is cut off when half a minute of waiting brought less than the minimum', () => {
    const pace = createPace(limits);
    for (let seconds = 1; seconds < 30; seconds += 1) pace.moved(999, 1000);
    expect(() => pace.moved(999, 1000)).toThrow(expect.objectContaining({ kind: 'TIMED_OUT' }));
  });

  test('goes on when it brought the minimum, and starts anew each time', () => {
    const pace = createPace(limits);
    for (let seconds = 1; seconds <= 300; seconds += 1) pace.moved(1000, 1000);
    expect(() => pace.moved(0, 29_000)).not.toThrow();
  });

  test('is not blamed for time in which nobody waited for it', () => {
    const pace = createPace(limits);
    for (let step = 0; step < 50; step += 1) {
      vi.advanceTimersByTime(10_000);
      pace.moved(1, 10);
    }
  });
});

test('a body ends after its whole time, however fast it is', () => {
  const pace = createPace(limits);
  vi.advanceTimersByTime(599_000);
  pace.moved(1e9, 1);
  expect(pace.patience().ms).toBe(1000);
  expect(pace.patience().error().message).toContain('not over after 600 seconds');
  vi.advanceTimersByTime(1000);
  expect(() => pace.moved(1e9, 1)).toThrow(expect.objectContaining({ kind: 'TIMED_OUT' }));
});

test('silence is borne for the stall timeout', () => {
  const { ms, error } = createPace(limits).patience();
  expect([ms, error().message]).toEqual([120_000, 'No bytes arrived for 120 seconds.']);
});
