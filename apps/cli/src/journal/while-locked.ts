import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { isResumable, type OnInterrupt } from './interruption.ts';
import type { Job } from './job.ts';
import { forgetful, type Journal, openJournal } from './journal.ts';

/** Where a job is written down, and whether it is worth it. */
export interface Keeping {
  readonly journal: Journal;
  /** Whether the job can go on after this failure. */
  isResumable(failure: unknown, job?: Pick<Job, 'sessionId'>): boolean;
}

/** For what ends with this process. */
export const unkept: Keeping = { journal: forgetful(), isResumable: () => false };

interface Wanted {
  readonly id: string;
  readonly what: 'import' | 'export';
  readonly report: Report;
  readonly onInterrupt: OnInterrupt | undefined;
  /** Whether the package comes by standard input. */
  readonly isPiped?: boolean;
}

/** Without a place for its job a command works all the same; it only cannot go on after this process. */
async function lockOrNothing(journal: Journal, { id, what, report }: Wanted) {
  try {
    return await journal.lock(id);
  } catch (error) {
    if (error instanceof CliError || !(error instanceof Error)) throw error;
    const message = `The ${what} cannot go on should it be interrupted, for it cannot be written down: ${error.message}`;
    report.event({ type: 'warning', message });
    return undefined;
  }
}

/** Runs `use` while no other process works on the job. @throws CliError while another does */
export async function whileLocked<Result>(
  { config }: Context,
  wanted: Wanted,
  use: (keeping: Keeping) => Promise<Result>,
): Promise<Result> {
  const journal = openJournal(config.jobs);
  const lock = await lockOrNothing(journal, wanted);
  if (lock === undefined) return use(unkept);
  try {
    return await use({
      journal,
      isResumable: (failure, job) => isResumable(failure, { ...wanted, hasSession: job?.sessionId !== undefined }),
    });
  } finally {
    await lock.release();
  }
}

/** Said at the end of a command whose session should have ended, and could not be told so. */
export const howToGiveUp = ({ id }: Pick<Wanted, 'id'>): string =>
  `The target could not be told that this is given up, so its session is still there. When it can be reached again, ovfkit sessions abort ${id} ends it, or ovfkit sessions gc.`;

/** Said at the end of a command whose job stays. */
export function howToGoOn({ id, what, isPiped = false }: Pick<Wanted, 'id' | 'what' | 'isPiped'>): string {
  const how = isPiped ? 'pipe the same package to the same command again, or to' : 'run the same command again, or';
  return `The ${what} can go on: ${how} ovfkit sessions resume ${id}; what arrived is kept. To give it up: ovfkit sessions abort ${id}.`;
}
