import { SessionError } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { createPatience } from '../src/retry.ts';

const { signal } = new AbortController();
const failure = new SessionError('SERVICE_UNAVAILABLE', 'Not now.');

test('failures in a row end it by their number, and what moves starts the count anew', async () => {
  const waits: number[] = [];
  const patience = createPatience({ retries: 1, signal, onRetry: ({ inMs }) => waits.push(inMs) });
  await patience.failed(failure);
  patience.moved();
  await patience.failed(failure);
  await expect(patience.failed(failure)).rejects.toBe(failure);
  expect(waits).toHaveLength(2);
});

test('tries that take long end it by their time, however few they are', async () => {
  const patience = createPatience({ retries: 1000, forMs: 50, signal, onRetry: () => {} });
  await patience.failed(failure);
  await expect(patience.failed(failure)).rejects.toBe(failure);
});
