import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';

/** One call that is about to be repeated. */
export interface RetryNotice {
  readonly operation: string;
  /** Of the attempt that comes, counted from 1; the first try is none. */
  readonly attempt: number;
  readonly inMs: number;
  readonly reason: SessionError;
}

const firstMs = 250;
const maxMs = 4_000;

/** Doubles up to 4 s; half of it is chance, so that many clients do not come back at once. */
export function backOff(attempt: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** attempt);
  return Math.round(full / 2 + Math.random() * (full / 2));
}

/** `Retry-After` in milliseconds: seconds or a date (RFC 9110, 10.2.3); at most a minute is waited. */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), 60_000) : undefined;
}

/** Resolves after `ms`; rejects with the signal's reason when that comes first. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Whether the network or a server short of breath is to blame, so that the same call may succeed later. */
export const isPassing = (error: unknown): error is SessionError =>
  error instanceof SessionError &&
  ['RESOURCE_INACCESSIBLE', 'SERVICE_UNAVAILABLE', 'TIMED_OUT', 'RESOURCE_BUSY'].includes(error.kind);
