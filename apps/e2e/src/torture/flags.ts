import { parseArgs } from 'node:util';
import { type Form, forms } from './random-package.ts';

/** What `pnpm torture` is asked to do. */
export interface TortureFlags {
  readonly seed: number;
  readonly runs: number;
  readonly jobs: number;
  readonly minutes: number;
  readonly form: Form;
  readonly hardships: boolean;
  readonly keep: boolean;
}

/** Printed by `--help`, and beside what is wrong. */
export const usage = `pnpm torture [--seed S] [--runs N] [--jobs J] [--minutes M] [--form ${forms.join('|')}] [--hardships] [--keep]

  --seed S       first seed; run K has seed S+K; drawn when absent, and printed
  --runs N       how many runs (50)
  --jobs J       how many at a time (4)
  --minutes M    begins no run after so many minutes
  --form F       draws packages of that form only (any)
  --hardships    first a full disk, a read-only store, few descriptors, changed clocks
  --keep         keeps the folders of all runs; those of failed ones stay anyway
`;

/** Nothing when only the usage is asked for. @throws Error for a word that is no option, a number that is none, a form that is unknown */
export function readFlags(args: readonly string[]): TortureFlags | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      runs: { type: 'string', default: '50' },
      jobs: { type: 'string', default: '4' },
      minutes: { type: 'string', default: 'Infinity' },
      form: { type: 'string', default: 'any' },
      hardships: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const form = forms.find((each) => each === values.form);
  if (form === undefined) throw new Error(`--form is one of ${forms.join(', ')}`);
  const { hardships, keep } = values;
  const whole = (name: 'seed' | 'runs' | 'jobs', least: number): number => {
    const number = Number(values[name]);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new Error(`--${name} is a whole number from ${least} on, not ${values[name]}`);
  };
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes is a number above 0, not ${values.minutes}`);
  return { seed: whole('seed', 0), runs: whole('runs', 1), jobs: whole('jobs', 1), minutes, form, hardships, keep };
}
