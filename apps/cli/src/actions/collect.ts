import type { CallOptions } from '@ovfkit/domain';
import type { Context } from '../context.ts';
import { placeOf } from '../journal/find-job.ts';
import { forgetJob } from '../journal/forget-job.ts';
import type { Job } from '../journal/job.ts';
import { stateOf } from '../journal/job-run.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { openTraces, type Trace } from '../journal/trace.ts';
import { withTarget } from '../target/connect.ts';
import { deadLeaseMs, findLeftOver, leftOverTexts, removeLeftOver } from '../target/left-over.ts';
import { collectExport } from './collect-export.ts';

/** What is left of a job, and why it goes or stays. */
export interface Leftover {
  readonly id: string;
  readonly removed: boolean;
  readonly reason: string;
}

async function leftoverOf(service: JobSessions, { job, signal }: { job: Job; signal: AbortSignal }): Promise<Leftover> {
  const { id, kind = 'import', sessionId, outcome, givenUp } = job;
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
  if (state.endsWith('_ERROR')) return gone(`the ${kind} has failed`);
  return givenUp ? gone(`it was given up (${state})`) : goesOn(state);
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

/** Looks at a trace; removes what it leads to, unless it is only to be told. What still runs stays. */
export async function collectTrace(
  context: Context,
  { trace, dryRun }: { readonly trace: Trace; readonly dryRun: true | undefined },
): Promise<Leftover> {
  const { config, output, signal } = context;
  const traces = openTraces(config);
  const { id, via, target } = trace;
  const pid = await traces.lockedBy(id);
  if (pid !== undefined) return { id, removed: false, reason: `it runs, as process ${pid}` };
  const { reach } = await import('../target/reach.ts');
  return reach(context, { word: target.word, options: target, via }, async (reached) => {
    const left = await findLeftOver(trace, { ...reached, signal });
    if (!dryRun) {
      await removeLeftOver(left, { withinMs: deadLeaseMs, signal, onHeld: output.note });
      await traces.remove(id);
    }
    const texts = leftOverTexts(left);
    const what = texts.length === 0 ? 'nothing is left of it' : `left: ${texts.join(', ')}`;
    const whole = left.whole === undefined ? '' : `; ${left.whole.id} is complete, and stays`;
    return { id, removed: true, reason: `its process is gone, ${what}${whole}` };
  });
}

/** Removes files that say nothing any more. What they were about ends by itself where a target has sessions. */
async function collectUnreadable<Entry extends { readonly id: string; readonly createdAt: number }>(
  journal: Journal<Entry>,
  dryRun: true | undefined,
): Promise<readonly Leftover[]> {
  const found = (await journal.unreadable()).map(async ({ id, path, why }): Promise<Leftover> => {
    const pid = await journal.lockedBy(id);
    if (pid !== undefined) return { id, removed: false, reason: `it runs, as process ${pid}` };
    if (why !== 'damaged')
      return { id, removed: false, reason: `${path} is ${why}: go on with the ovfkit that wrote it` };
    if (!dryRun) await journal.remove(id);
    return {
      id,
      removed: true,
      reason: `${path} is damaged; what it was about ends at the target when its time is over`,
    };
  });
  return Promise.all(found);
}

/**
 * Removes the jobs that nobody can go on with, with what is left of their sessions, and what killed processes have left of sessions of their
 * own. One whose target cannot be asked stays.
 */
export async function collectJobs(
  context: Context,
  { dryRun, json }: { readonly dryRun?: true | undefined; readonly json?: true | undefined },
): Promise<void> {
  const { config, output, signal } = context;
  const journal = openJournal(config.jobs);
  const jobs = await journal.list();
  const own = jobs.flatMap((job) => (job.kind === 'export' && job.own !== undefined ? [job] : []));
  const theirs = jobs.filter(({ id }) => own.every((job) => job.id !== id));
  // those of exports are looked at with their jobs
  const traces = (await openTraces(config).list()).filter(({ exportJob }) => own.every(({ id }) => id !== exportJob));
  const works = [
    ...theirs.map((job) => ({ id: job.id, work: () => collect(context, { job, dryRun }) })),
    ...own.map((job) => ({ id: job.id, work: () => collectExport(context, { job, dryRun, what: 'kept' }) })),
    ...traces.map((trace) => ({ id: trace.id, work: () => collectTrace(context, { trace, dryRun }) })),
  ];
  const leftovers = [
    ...(await collectUnreadable(journal, dryRun)),
    ...(await collectUnreadable(openTraces(config), dryRun)),
  ];
  for (const { id, work } of works) {
    signal.throwIfAborted();
    const notLooked = (error: unknown): Leftover => ({
      id,
      removed: false,
      reason: `it could not be looked at: ${error instanceof Error ? error.message : String(error)}`,
    });
    leftovers.push(await work().catch(notLooked));
  }
  if (json) return output.json(leftovers);
  if (leftovers.length === 0) return output.line('Nothing is left over.');
  const verb = dryRun ? 'would be removed' : 'removed';
  for (const { id, removed, reason } of leftovers) output.line(`${id}  ${removed ? verb : 'stays'}: ${reason}`);
}
