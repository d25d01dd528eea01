// `pnpm torture --seed S --runs N [--jobs J] [--keep]`: random packages go in and out of a service through a proxy that breaks
// what it can, while client and service are killed. A run's seed decides everything but the clock of the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeIdentity } from './file-server.ts';
import { tortureRuns } from './torture/runs.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    runs: { type: 'string', default: '50' },
    jobs: { type: 'string', default: '4' },
    keep: { type: 'boolean', default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'ovfkit-torture-'));
const failed = await tortureRuns({
  firstSeed: Number(values.seed),
  runs: Number(values.runs),
  jobs: Number(values.jobs),
  folder,
  identity: await makeIdentity(),
  keep: values.keep ? 'all' : 'failed',
  tell: (line) => process.stdout.write(`${line}\n`),
});
if (failed.length === 0 && !values.keep) await rm(folder, { recursive: true, force: true });
process.exitCode = failed.length === 0 ? 0 : 1;
