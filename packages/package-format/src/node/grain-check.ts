import type { DiskProblem } from '../disk-problem.ts';
import type { PackedGrain } from '../vmdk-check-stream.ts';
import { createInflater, type Inflater } from './inflater.ts';

/** Grains inflated at once: enough for the thread pool, and half a MiB. */
const grainsAtOnce = 8;
const maxProblems = 100;

/** Inflates the grains of a disk that passes, several at once. */
export interface GrainCheck {
  add(grain: PackedGrain): void;
  /** Resolves when no grain waits any more, so that not more than one chunk's grains are held; undefined when none does. */
  room(): Promise<void> | undefined;
  /** What was wrong with any, when all are done; at most 100. */
  end(): Promise<readonly DiskProblem[]>;
}

async function problemOf(
  { packed, sector, size, needed }: PackedGrain,
  { inflate }: Inflater,
): Promise<string | undefined> {
  try {
    const { length } = await inflate(packed);
    return length === size || length === needed
      ? undefined
      : `The grain for sector ${sector} has ${length} bytes unpacked, not ${size}`;
  } catch (cause) {
    const isTooLong = cause instanceof RangeError;
    return isTooLong
      ? `The grain for sector ${sector} has more than ${size} bytes unpacked`
      : `The grain for sector ${sector} cannot be inflated`;
  }
}

/** Starts with no grain. */
export function createGrainCheck(): GrainCheck {
  const problems: DiskProblem[] = [];
  const waiting: PackedGrain[] = [];
  let running = 0;
  // every grain of a disk is of one size
  let inflater: Inflater | undefined;
  let watchers: readonly { readonly isReady: () => boolean; readonly resolve: () => void }[] = [];
  const until = (isReady: () => boolean): Promise<void> | undefined =>
    isReady() ? undefined : new Promise((resolve) => (watchers = [...watchers, { isReady, resolve }]));
  const hasRoom = () => waiting.length === 0;
  const isIdle = () => hasRoom() && running === 0;

  const check = async (grain: PackedGrain): Promise<void> => {
    inflater ??= createInflater(grain.size);
    const message = await problemOf(grain, inflater);
    if (message !== undefined && problems.length < maxProblems)
      problems.push({ severity: 'error', message, offset: grain.offset });
    running -= 1;
    start();
    const ready = watchers.filter((watcher) => watcher.isReady());
    watchers = watchers.filter((watcher) => !ready.includes(watcher));
    for (const { resolve } of ready) resolve();
  };
  const start = (): void => {
    while (running < grainsAtOnce) {
      const grain = waiting.shift();
      if (grain === undefined) return;
      running += 1;
      void check(grain);
    }
  };
  return {
    add(grain) {
      waiting.push(grain);
      start();
    },
    room: () => until(hasRoom),
    async end() {
      await until(isIdle);
      inflater?.close();
      return problems.toSorted((a, b) => a.offset - b.offset);
    },
  };
}
