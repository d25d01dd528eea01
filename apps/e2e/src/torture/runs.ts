import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Form } from './random-package.ts';
import { type RunOutcome, tortureRun } from './run.ts';

export interface TortureOptions {
  /** The runs have this seed and those after it. */
  readonly firstSeed: number;
  readonly form: Form;
  readonly runs: number;
  /** No run begins after these. */
  readonly minutes: number;
  /** Runs at a time. */
  readonly jobs: number;
  /** Where runs have their folders. */
  readonly folder: string;
  readonly identity: { readonly key: string; readonly cert: string };
  /** Which runs' folders stay. */
  readonly keep: 'failed' | 'all' | 'none';
  readonly tell: (line: string) => void;
}

async function oneRun(options: TortureOptions, seed: number): Promise<RunOutcome> {
  const folder = join(options.folder, String(seed));
  await mkdir(folder, { recursive: true });
  const outcome = await tortureRun({ seed, form: options.form, folder, identity: options.identity }).catch(
    (error: unknown): RunOutcome => ({
      seed,
      about: '',
      problems: [`the run itself ended: ${String(error)}`],
      log: [],
    }),
  );
  const isKept = options.keep === 'all' || (options.keep === 'failed' && outcome.problems.length > 0);
  if (isKept) await writeFile(join(folder, 'log.txt'), [...outcome.problems, '', ...outcome.log, ''].join('\n'));
  else await rm(folder, { recursive: true, force: true });
  return outcome;
}

/** Runs with one seed after another, several at a time. Resolves to those with problems, which were told with the command that repeats them. */
export async function tortureRuns(options: TortureOptions): Promise<readonly RunOutcome[]> {
  const { firstSeed, form, runs, minutes, jobs, folder, tell } = options;
  const drawn = form === 'any' ? '' : ` --form ${form}`;
  const until = Date.now() + minutes * 60_000;
  const failed: RunOutcome[] = [];
  let next = firstSeed;
  async function work(): Promise<void> {
    while (next < firstSeed + runs && Date.now() < until) {
      const seed = next;
      next += 1;
      const outcome = await oneRun(options, seed);
      const { about, problems } = outcome;
      tell(`${seed} ${problems.length === 0 ? 'ok' : 'FAILED'}: ${about}`);
      if (problems.length === 0) continue;
      failed.push(outcome);
      for (const problem of problems) tell(`  ${problem}`);
      tell(
        `  again: pnpm torture --seed ${seed} --runs 1${drawn} --keep; this one lies in ${join(folder, String(seed))}`,
      );
    }
  }
  await Promise.all(Array.from({ length: jobs }, work));
  tell(`${next - firstSeed - failed.length} runs passed, ${failed.length} failed`);
  return failed;
}
