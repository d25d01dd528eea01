import { failureOf } from '../failure/failure-of.ts';

/**
 * One thing between here and an import. `absent` is what the target does not have, a `warning` what some ways in need and others do not;
 * `unknown` could not be tried, for something before it failed.
 */
export interface Hop {
  readonly name: string;
  readonly status: 'ok' | 'failed' | 'warning' | 'absent' | 'unknown';
  readonly detail: string;
  readonly ms: number;
  readonly exitCode?: number;
  /** What to do about a failure. */
  readonly hint?: string | undefined;
}

/** What a hop came to. */
export interface Tried<Result> {
  readonly detail: string;
  readonly value: Result;
  readonly status?: 'absent';
}

/** Hops, one after the other. */
export interface Walk {
  readonly hops: readonly Hop[];
  /** Runs one hop unless an earlier one failed; nothing when it failed or did not run. */
  step<Result>(name: string, run: () => Promise<Tried<Result>>): Promise<Result | undefined>;
  /** The same for what not every way in needs: its failure is a warning. */
  side<Result>(name: string, run: () => Promise<Tried<Result>>): Promise<Result | undefined>;
}

const onTheWay: ReadonlySet<string> = new Set(['RESOURCE_INACCESSIBLE', 'SERVICE_UNAVAILABLE', 'TIMED_OUT']);
/** What others are told in such a case is to try each hop. */
const lineHint = 'Check the address and the network: names, routes, firewalls and proxies between here and there.';

/** A walk that has not begun. */
export function createWalk(): Walk {
  const hops: Hop[] = [];
  const go =
    (failure: 'failed' | 'warning') =>
    async <Result>(name: string, run: () => Promise<Tried<Result>>): Promise<Result | undefined> => {
      if (hops.some(({ status }) => status === 'failed')) {
        hops.push({ name, status: 'unknown', detail: '', ms: 0 });
        return undefined;
      }
      const startedAt = performance.now();
      const ms = (): number => Math.round(performance.now() - startedAt);
      try {
        const { detail, value, status = 'ok' } = await run();
        hops.push({ name, status, detail, ms: ms() });
        return value;
      } catch (error) {
        const { message: detail, exitCode, code, hint } = failureOf(error);
        hops.push({ name, status: failure, detail, ms: ms(), exitCode, hint: onTheWay.has(code) ? lineHint : hint });
        return undefined;
      }
    };
  return { hops, step: go('failed'), side: go('warning') };
}
