import type { CallOptions } from '@ovfkit/domain';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findOwnJob, placeOf } from '../journal/find-job.ts';
import { forgetJob } from '../journal/forget-job.ts';
import type { OnInterrupt } from '../journal/interruption.ts';
import type { Job } from '../journal/job.ts';
import { agoOf, stateOf } from '../journal/job-run.ts';
import { openJournal } from '../journal/journal.ts';
import { table } from '../output/table.ts';
import { shownPath } from '../source/url.ts';
import { withTarget } from '../target/connect.ts';
import { exportAction } from './export.ts';
import { importAction } from './import.ts';

interface ListedJob {
  readonly id: string;
  readonly kind: 'import' | 'export';
  /** Of an import; of an export: where it is written to. */
  readonly package: string;
  /** The target of an import. */
  readonly to?: string;
  /** The target of an export. */
  readonly from?: string;
  readonly sessionId: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The process that works on it. */
  readonly pid: number | undefined;
}

function listed(job: Job, pid: number | undefined): ListedJob {
  const { id, sessionId, createdAt } = job;
  const begun = { id, sessionId, createdAt, pid };
  if (job.kind !== 'export')
    return { ...begun, kind: 'import', package: shownPath(job.options.source), to: job.options.to };
  const { output, toLibrary, from } = job.options;
  return { ...begun, kind: 'export', package: output ?? `library:${toLibrary}`, from };
}

/** Lists the imports and exports that were begun on this machine and have not ended. */
export async function listJobs(
  { config, output }: Context,
  { json }: { readonly json?: true | undefined },
): Promise<void> {
  const journal = openJournal(config.jobs);
  const jobs = await Promise.all(
    (await journal.list()).map(async (job) => listed(job, await journal.lockedBy(job.id))),
  );
  if (json) return output.json(jobs);
  if (jobs.length === 0) return output.line('Nothing was begun here that has not ended.');
  const rows = jobs.map((job) => [
    job.id,
    job.kind,
    job.package,
    job.to ?? job.from ?? '-',
    job.sessionId ?? '-',
    agoOf(job),
    job.pid === undefined ? 'stopped' : `runs as ${job.pid}`,
  ]);
  const titles = ['Id', 'Kind', 'Package', 'Target', 'Session', 'Begun', 'Process'].map((title) => ({ title }));
  for (const line of table(titles, { rows, style: output.style })) output.line(line);
}

export interface ResumeOptions {
  readonly id: string;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly json?: true | undefined;
}

/** Goes on with an import or an export as its command began it. */
export async function resumeJob(context: Context, { id, onInterrupt, json }: ResumeOptions): Promise<void> {
  const job = await findOwnJob(context, id);
  if (job === undefined)
    throw new CliError('usage', `No import or export of this machine has the id ${id}`, {
      hint: 'ovfkit sessions list shows those there are; only the machine that has the package can go on with one.',
    });
  if (job.kind === 'export') await exportAction(context, { ...job.options, job: job.id, onInterrupt, json });
  else await importAction(context, { ...job.options, job: job.id, onInterrupt, json });
}

/** What is left of a job, and why it goes or stays. */
interface Leftover {
  readonly id: string;
  readonly removed: boolean;
  readonly reason: string;
}

async function leftoverOf(service: JobSessions, { job, signal }: { job: Job; signal: AbortSignal }): Promise<Leftover> {
  const { id, kind = 'import', sessionId, outcome } = job;
  const gone = (reason: string): Leftover => ({ id, removed: true, reason });
  const goesOn = (state: string): Leftover => ({
    id,
    removed: false,
    reason: `it can go on: ovfkit sessions resume ${id} (${state})`,
  });
  // of an export the files may still be without their names
  if (outcome !== undefined) return kind === 'export' ? goesOn('complete') : gone('the import is complete');
  if (sessionId === undefined) return gone('it never had a session');
  const state = await stateOf(service.get({ id: sessionId }, { signal }));
  if (state === undefined) return gone('the target has forgotten its session');
  return state.endsWith('_ERROR') ? gone(`the ${kind} has failed`) : goesOn(state);
}

/** What jobs of both kinds need of their sessions. */
interface JobSessions {
  get(input: { readonly id: string }, options: CallOptions): Promise<{ readonly state: string }>;
  delete(input: { readonly id: string }, options: CallOptions): Promise<void>;
}

async function collect(context: Context, { job, dryRun }: { job: Job; dryRun: true | undefined }): Promise<Leftover> {
  const { config, signal } = context;
  const journal = openJournal(config.jobs);
  const { id, options, sessionId } = job;
  const pid = await journal.lockedBy(id);
  if (pid !== undefined) return { id, removed: false, reason: `it runs, as process ${pid}` };
  return withTarget(context, { target: placeOf(job), options }, async (backend) => {
    const service: JobSessions = job.kind === 'export' ? backend.exportSession : backend.importSession;
    const leftover = await leftoverOf(service, { job, signal });
    if (!leftover.removed || dryRun) return leftover;
    if (sessionId !== undefined) await service.delete({ id: sessionId }, { signal });
    await forgetJob(journal, job);
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
