// `pnpm torture`: random packages go in and out of a service through a proxy that breaks what it can, while client and service are killed.
// A run's seed decides everything but the clock of the machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeIdentity } from './file-server.ts';
import { readFlags, type TortureFlags, usage } from './torture/flags.ts';
import { tortureHardships } from './torture/hardships.ts';
import { tortureRuns } from './torture/runs.ts';

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Whether all went well. */
async function torture({ seed, form, runs, minutes, jobs, hardships, keep }: TortureFlags): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-torture-'));
  const hardFailures = hardships ? await tortureHardships({ seed, form, folder, tell }) : 0;
  const failed = await tortureRuns({
    firstSeed: seed,
    form,
    runs,
    minutes,
    jobs,
    folder,
    identity: await makeIdentity(),
    keep: keep ? 'all' : 'failed',
    tell,
  });
  const isWell = failed.length === 0 && hardFailures === 0;
  if (isWell && !keep) await rm(folder, { recursive: true, force: true });
  return isWell;
}

function flagsOrExit(): TortureFlags | undefined {
  try {
    return readFlags(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

const flags = flagsOrExit();
if (flags === undefined) process.stdout.write(usage);
else process.exitCode = (await torture(flags)) ? 0 : 1;
