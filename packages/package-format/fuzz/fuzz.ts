import { createRandom, mutate } from './mutate.ts';

/** A reader under test. `kind` says which seeds are meant for it. */
export interface FuzzTarget {
  readonly name: string;
  readonly kind: string;
  run(bytes: Uint8Array): unknown;
  /** Whether an error is one that it may refuse its input by. */
  isRefusal(error: unknown): boolean;
}

/** What a target did that it must not. `input` makes it do that again. */
export interface Failure {
  readonly target: string;
  readonly reason: string;
  readonly input: Uint8Array;
}

/** How long: until a number of seconds or of rounds is over, whichever comes first. */
export interface FuzzOptions {
  readonly targets: readonly FuzzTarget[];
  /** Files to start from, by the kind of target they are for. */
  readonly seeds: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly seed: number;
  readonly seconds?: number | undefined;
  readonly rounds?: number | undefined;
}

/** How many inputs each target got, and what failed; at most 20 failures. */
export interface FuzzReport {
  readonly runs: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
}

/** The slowest honest input of a seed's size takes a tenth of this. */
const maxMs = 10_000;
const maxFailures = 20;
/** Memory may rise while code is compiled and caches fill, not with every input. */
const maxGrowth = 256 * 1024 ** 2;

async function attempt({ run, name, isRefusal }: FuzzTarget, input: Uint8Array): Promise<Failure | undefined> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  // an answer that never comes is told by the time below; a loop without end by who started the run
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, maxMs + 1);
  });
  try {
    await Promise.race([run(input), late]);
  } catch (error) {
    if (!isRefusal(error)) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { target: name, reason, input };
    }
  } finally {
    clearTimeout(timer);
  }
  const ms = performance.now() - start;
  return ms > maxMs ? { target: name, reason: `took ${Math.round(ms)} ms`, input } : undefined;
}

/** Gives damaged seeds to every target in turn. Seeds themselves come first, as they are. */
export async function fuzz({
  targets,
  seeds,
  seed,
  seconds = Number.POSITIVE_INFINITY,
  rounds = Number.POSITIVE_INFINITY,
}: FuzzOptions): Promise<FuzzReport> {
  const random = createRandom(seed);
  const runs = new Map<string, number>();
  const failures: Failure[] = [];
  const end = performance.now() + seconds * 1000;
  let base: number | undefined;
  for (let round = 0; round < rounds && performance.now() < end && failures.length < maxFailures; round += 1) {
    for (const target of targets) {
      const own = seeds.get(target.kind) ?? [];
      const all = [...seeds.values()].flat();
      const start = own[round < own.length ? round : random(own.length)] ?? new Uint8Array();
      const other = all[random(all.length)] ?? new Uint8Array();
      const input = round < own.length ? start : mutate(start, { random, other });
      const failure = await attempt(target, input);
      if (failure !== undefined) failures.push(failure);
      runs.set(target.name, (runs.get(target.name) ?? 0) + 1);
    }
    if (round % 500 !== 499) continue;
    const { heapUsed, external } = process.memoryUsage();
    const used = heapUsed + external;
    base ??= used;
    if (used - base > maxGrowth)
      failures.push({ target: 'all', reason: `memory grew by ${used - base} bytes`, input: new Uint8Array() });
  }
  return { runs, failures };
}
