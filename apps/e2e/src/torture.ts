// `pnpm torture --seed S --runs N [--jobs J] [--minutes M] [--form ova|folder] [--hardships] [--keep]`: random packages go in and out of a service through a proxy that breaks
// what it can, while client and service are killed. A run's seed decides everything but the clock of the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeIdentity } from './file-server.ts';
import { tortureHardships } from './torture/hardships.ts';
import { forms } from './torture/random-package.ts';
import { tortureRuns } from './torture/runs.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '50' },
    jobs: { type: 'string', default: '4' },
    minutes: { type: 'string', default: 'Infinity' },
    form: { type: 'string', default: 'any' },
    hardships: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const form = forms.find((each) => each === values.form);
if (form === undefined) throw new Error(`--form is one of ${forms.join(', ')}`);
const folder = await mkdtemp(join(tmpdir(), 'ovfkit-torture-'));
const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const hardFailures = values.hardships ? await tortureHardships({ seed: Number(values.seed), form, folder, tell }) : 0;
const failed = await tortureRuns({
  firstSeed: Number(values.seed),
  form,
  runs: Number(values.runs),
  minutes: Number(values.minutes),
  jobs: Number(values.jobs),
  folder,
  identity: await makeIdentity(),
  keep: values.keep ? 'all' : 'failed',
  tell,
});
const isWell = failed.length === 0 && hardFailures === 0;
if (isWell && !values.keep) await rm(folder, { recursive: true, force: true });
process.exitCode = isWell ? 0 : 1;
