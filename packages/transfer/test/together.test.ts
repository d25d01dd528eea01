import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { keepAlive } from '../src/keep-alive.ts';
import { forEachOf, together } from '../src/together.ts';
import { until } from '../src/until.ts';

const never = new AbortController().signal;

describe('tasks side by side', () => {
  test('are stopped by the first failure, which is told only when all have ended', async () => {
    const failure = new Error('first');
    let hasEnded = false;
    const run = together(
      [
        async () => {
          throw failure;
        },
        async (signal) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          await sleep(50);
          hasEnded = true;
          throw new Error('second');
        },
      ],
      never,
    );
    await expect(run).rejects.toBe(failure);
    expect(hasEnded).toBe(true);
  });

  test('work on every item, never on more than allowed at once', async () => {
    const done: number[] = [];
    let now = 0;
    let most = 0;
    const work = async (item: number): Promise<void> => {
      now += 1;
      most = Math.max(most, now);
      await sleep(5);
      now -= 1;
      done.push(item);
    };
    await forEachOf([1, 2, 3, 4, 5, 6, 7], { concurrency: 3, signal: never, work });
    expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  test('begin no further item after a failure', async () => {
    const begun: number[] = [];
    const work = async (item: number): Promise<void> => {
      begun.push(item);
      await sleep(5);
      if (item === 2) throw new Error('two');
    };
    await expect(forEachOf([1, 2, 3, 4, 5], { concurrency: 1, signal: never, work })).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });
});

describe('a session kept alive', () => {
  test('is touched again and again, though it refuses, until the signal', async () => {
    const controller = new AbortController();
    let touches = 0;
    const touch = async (): Promise<void> => {
      touches += 1;
      if (touches === 3) controller.abort();
      throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'not now');
    };
    await keepAlive(touch, { everyMs: 1, signal: controller.signal });
    expect(touches).toBe(3);
  });

  test('does not hide a fault of the program', async () => {
    const touch = async (): Promise<void> => {
      throw new TypeError('a bug');
    };
    await expect(keepAlive(touch, { everyMs: 1, signal: never })).rejects.toThrow('a bug');
  });
});

describe('polling', () => {
  test('asks at once, then less and less often, at most as rarely as allowed', async () => {
    const times: number[] = [];
    const ask = async (): Promise<number> => times.push(performance.now());
    await until(ask, { isDone: (count) => count === 6, poll: { firstMs: 20, maxMs: 45 }, signal: never });
    const waits = times.slice(1).map((time, each) => time - (times[each] ?? 0));
    expect(waits).toHaveLength(5);
    for (const [each, atLeast] of [19, 29, 44, 44, 44].entries()) expect(waits[each]).toBeGreaterThanOrEqual(atLeast);
  });

  test('ends with the reason of its signal', async () => {
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 20);
    const run = until(async () => 0, {
      isDone: () => false,
      poll: { firstMs: 5, maxMs: 1_000 },
      signal: controller.signal,
    });
    await expect(run).rejects.toBe(reason);
  });
});
