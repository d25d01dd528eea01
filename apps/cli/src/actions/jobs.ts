import { SessionError } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { OnInterrupt } from '../import/import-options.ts';
import { findOwnJob } from '../journal/find-job.ts';
import type { Job } from '../journal/job.ts';
import { openJournal } from '../journal/journal.ts';
import { formatDuration } from '../output/format.ts';
import { table } from '../output/table.ts';
import { shownPath } from '../source/url.ts';
import { withTarget } from '../target/connect.ts';
import { importAction } from './import.ts';

interface ListedJob {
  readonly id: string;
  readonly package: string;
  readonly to: string;
  readonly sessionId: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The process that works on it. */
  readonly pid: number | undefined;
}

/** Lists the imports that were begun on this machine and have not ended. */
export async function listJobs(
  { config, output }: Context,
  { json }: { readonly json?: true | undefined },
): Promise<void> {
  const journal = openJournal(config.jobs);
  const jobs = await Promise.all(
    (await journal.list()).map(async ({ id, options: { source, to }, sessionId, createdAt }): Promise<ListedJob> => {
      return { id, package: shownPath(source), to, sessionId, createdAt, pid: await journal.lockedBy(id) };
    }),
  );
  if (json) return output.json(jobs);
  if (jobs.length === 0) return output.line('No import was begun here that has not ended.');
  const rows = jobs.map((job) => [
    job.id,
    job.package,
    job.to,
    job.sessionId ?? '-',
    `${formatDuration(Math.max(Date.now() - job.createdAt, 0))} ago`,
    job.pid === undefined ? 'stopped' : `runs as ${job.pid}`,
  ]);
  const titles = ['Id', 'Package', 'To', 'Session', 'Begun', 'Process'].map((title) => ({ title }));
  for (const line of table(titles, { rows, style: output.style })) output.line(line);
}

export interface ResumeOptions {
  readonly id: string;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly json?: true | undefined;
}

/** Goes on with an import as its command began it. */
export async function resumeJob(context: Context, { id, onInterrupt, json }: ResumeOptions): Promise<void> {
  const job = await findOwnJob(context, id);
  if (job === undefined)
    throw new CliError('usage', `No import of this machine has the id ${id}`, {
      hint: 'ovfkit sessions list shows those there are; only the machine that has the package can go on with one.',
    });
  await importAction(context, { ...job.options, job: job.id, onInterrupt, json });
}

/** What is left of a job, and why it goes or stays. */
interface Leftover {
  readonly id: string;
  readonly removed: boolean;
  readonly reason: string;
}

async function leftoverOf(backend: RestBackend, { job, signal }: { job: Job; signal: AbortSignal }): Promise<Leftover> {
  const { id, sessionId, outcome } = job;
  const gone = (reason: string): Leftover => ({ id, removed: true, reason });
  if (outcome !== undefined) return gone('the import is complete');
  if (sessionId === undefined) return gone('it never had a session');
  try {
    const { state } = await backend.importSession.get({ id: sessionId }, { signal });
    if (state === 'IMPORT_ERROR') return gone('the import has failed');
    return { id, removed: false, reason: `it can go on: ovfkit sessions resume ${id} (${state})` };
  } catch (error) {
    if (error instanceof SessionError && error.kind === 'NOT_FOUND')
      return gone('the target has forgotten its session');
    throw error;
  }
}

async function collect(context: Context, { job, dryRun }: { job: Job; dryRun: true | undefined }): Promise<Leftover> {
  const journal = openJournal(context.config.jobs);
  const { id, options, sessionId } = job;
  const pid = await journal.lockedBy(id);
  if (pid !== undefined) return { id, removed: false, reason: `it runs, as process ${pid}` };
  return withTarget(context, { target: options.to, options }, async (backend) => {
    const leftover = await leftoverOf(backend, { job, signal: context.signal });
    if (!leftover.removed || dryRun) return leftover;
    const lock = await journal.lock(id);
    try {
      if (sessionId !== undefined) await backend.importSession.delete({ id: sessionId }, context);
      await journal.remove(id);
    } finally {
      await lock.release();
    }
    return leftover;
  });
}

/** Removes the jobs that nobody can go on with, with what is left of their sessions. One whose target cannot be asked stays. */
export async function collectJobs(
  context: Context,
  { dryRun, json }: { readonly dryRun?: true | undefined; readonly json?: true | undefined },
): Promise<void> {
  const { config, output } = context;
  const leftovers: Leftover[] = [];
  for (const job of await openJournal(config.jobs).list()) {
    context.signal.throwIfAborted();
    const leftover = await collect(context, { job, dryRun }).catch(
      (error: unknown): Leftover => ({
        id: job.id,
        removed: false,
        reason: `it could not be looked at: ${String(error)}`,
      }),
    );
    leftovers.push(leftover);
  }
  if (json) return output.json(leftovers);
  if (leftovers.length === 0) return output.line('Nothing is left over.');
  const verb = dryRun ? 'would be removed' : 'removed';
  for (const { id, removed, reason } of leftovers) output.line(`${id}  ${removed ? verb : 'stays'}: ${reason}`);
}
