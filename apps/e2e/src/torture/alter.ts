import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Direction, Fault, Victim } from './fault.ts';

/** Thrown where a connection is to end, without a word to either side. */
export class CutError extends Error {}

export interface Altering {
  readonly fault: Fault | undefined;
  readonly direction: Direction;
  /** Of the body, as its header says it; 0 when it does not. */
  readonly size: number;
  /** Resolves when the process is gone. */
  readonly kill: (victim: Victim) => Promise<void>;
  /** Of the connection to the client: whoever gave up on it. */
  readonly gone: AbortSignal;
}

/** Slowness ends after this: a run has others to meet. */
const slowMs = 1_500;

/** A connection that the client has given up stays for the server, while the client comes back by another. */
const heldMs = 2_000;

/** A body as the fault leaves it. @throws CutError */
export async function* alter(bytes: AsyncIterable<Uint8Array>, altering: Altering): AsyncGenerator<Uint8Array> {
  const { fault, direction, size } = altering;
  if (fault?.kind === 'slow' && fault.direction === direction) yield* slowly(bytes, fault.bytesPerSecond);
  else if (fault?.kind === 'truncate' && direction === 'response') yield* beginning(bytes, Math.floor(fault.at * size));
  else if (fault !== undefined && 'at' in fault && 'direction' in fault && fault.direction === direction)
    yield* withMoment(bytes, { at: Math.floor(fault.at * size), altering: { ...altering, fault } });
  else yield* bytes;
}

async function* slowly(bytes: AsyncIterable<Uint8Array>, bytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const until = Date.now() + slowMs;
  const step = Math.max(1, Math.floor(bytesPerSecond / 20));
  for await (const chunk of bytes) {
    let at = 0;
    for (; at < chunk.length && Date.now() < until; at += step) {
      yield chunk.subarray(at, at + step);
      await sleep(50);
    }
    if (at < chunk.length) yield chunk.subarray(at);
  }
}

async function* beginning(bytes: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of bytes) {
    if (left > 0) yield chunk.subarray(0, left);
    left -= chunk.length;
  }
}

type Momentary = Extract<Fault, { readonly at: number; readonly direction: Direction }>;

/** What is to happen when so many bytes have passed, happens once; at the latest at the end. */
async function* withMoment(
  bytes: AsyncIterable<Uint8Array>,
  { at, altering }: { readonly at: number; readonly altering: Altering & { readonly fault: Momentary } },
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  let isOver = false;
  const moment = async (): Promise<void> => {
    isOver = true;
    await happen(altering);
  };
  if (at === 0) await moment();
  for await (const chunk of bytes) {
    if (isOver || passed + chunk.length < at) yield chunk;
    else {
      const cut = at - passed;
      if (cut > 0) yield chunk.subarray(0, cut);
      await moment();
      yield altering.fault.kind === 'corrupt' ? corrupted(chunk.subarray(cut)) : chunk.subarray(cut);
    }
    passed += chunk.length;
  }
  if (!isOver) await moment();
}

async function happen({ fault, kill, gone }: Altering & { readonly fault: Momentary }): Promise<void> {
  switch (fault.kind) {
    case 'cut':
      throw new CutError('cut');
    case 'stall':
      await sleep(fault.ms);
      return;
    case 'silence':
      if (!gone.aborted) await once(gone, 'abort');
      await sleep(heldMs); // the server is not told either
      throw new CutError('nobody waits any more');
    case 'kill':
      await kill(fault.victim);
      return;
    case 'corrupt':
      return;
  }
}

/** The lowest bit of the first byte is another. */
function corrupted(chunk: Uint8Array): Uint8Array {
  const changed = Uint8Array.from(chunk);
  const [first] = changed;
  if (first !== undefined) changed[0] = first % 2 === 0 ? first + 1 : first - 1;
  return changed;
}
