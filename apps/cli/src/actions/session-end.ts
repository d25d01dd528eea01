import { setTimeout as sleep } from 'node:timers/promises';
import { SessionError } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import { describeMessage } from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findOwnJob, findOwnTrace, placeOf, targetOf } from '../journal/find-job.ts';
import { forgetJob } from '../journal/forget-job.ts';
import type { ExportJob, Job } from '../journal/job.ts';
import { openJournal } from '../journal/journal.ts';
import type { Trace } from '../journal/trace.ts';
import type { Report } from '../output/report.ts';
import { reported } from '../output/reported.ts';
import { resolveTarget, type Target } from '../target/resolve-target.ts';
import { withSessionsAt } from '../target/sessions-at.ts';
import { collectTrace } from './collect.ts';
import { collectExport } from './collect-export.ts';
import { type OneSessionOptions, ofProcess, sessionAt, trusting } from './own-session.ts';
import { type FoundSession, findSession } from './sessions.ts';

/** Ends one session; the target removes what it has kept or half made, and this machine its job. */
export async function abortSession(context: Context, options: OneSessionOptions): Promise<void> {
  const { output, signal, config } = context;
  const job = await findOwnJob(context, options.id);
  const trace = job === undefined ? await findOwnTrace(context, options.id) : undefined;
  if (trace !== undefined) return abortOwn(context, trace);
  if (job?.kind === 'export' && job.own !== undefined) return abortExport(context, job);
  const id = job === undefined ? options.id : job.sessionId;
  const target = targetOf(options, job);
  await withSessionsAt(context, { target, options: trusting(options, job?.options) }, async (backend, there) => {
    if (id !== undefined) {
      const found = await findSession(backend, { id, signal }).catch((error: unknown) => {
        if (job !== undefined && error instanceof CliError) return undefined; // forgotten by the target already
        throw error;
      });
      if (found !== undefined) await endSession(backend, { id, found, signal });
      else if (job !== undefined) await refuseElsewhere(context, { job, there });
      output.line(found === undefined ? `The session ${id} had ended before.` : endedText(id, found));
    }
    if (job !== undefined) await forgetJob(openJournal(config.jobs), job);
  });
}

/** A session that another target does not know may live at its own: its job stays. A target that is known no more cannot be told apart. */
async function refuseElsewhere(
  { config }: Context,
  { job, there }: { readonly job: Job; readonly there: Target },
): Promise<void> {
  const own = await resolveTarget(placeOf(job), { config, options: job.options }).catch(() => there);
  if (own.url === there.url) return;
  throw new CliError('usage', `${there.label} has no session of ${job.id}`, {
    hint: `It was begun at ${own.label}: leave --on out.`,
  });
}

/** What was complete is not undone, and whoever wanted it gone has to know. */
function endedText(id: string, found: FoundSession): string {
  const { vmId, vappId, libraryItemId } = endOf(found);
  const made = vmId ?? vappId ?? libraryItemId;
  const stays = made === undefined ? '' : `; ${made} is complete, and stays`;
  return `The ${found.kind} session ${id} is ended; it was ${found.info.state}${stays}.`;
}

/** What a killed process of this machine has left at a target without sessions. @throws CliError while the process lives */
async function abortOwn(context: Context, trace: Trace): Promise<void> {
  const { id, removed, reason } = await collectTrace(context, { trace, dryRun: undefined });
  if (!removed) throw ofProcess(`${trace.job?.id ?? id} cannot be ended from here`, reason);
  context.output.line(`${trace.job?.id ?? id} is given up: ${reason}.`);
}

/** The same of an export, and what it has fetched. @throws CliError while the process lives */
async function abortExport(context: Context, job: ExportJob): Promise<void> {
  const { id, removed, reason } = await collectExport(context, { job, dryRun: undefined, what: 'given up' });
  if (!removed) throw ofProcess(`${id} cannot be ended from here`, reason);
  context.output.line(`${id} is given up: ${reason}.`);
}

const endSession = (
  { importSession, exportSession }: RestBackend,
  { id, found, signal }: { readonly id: string; readonly found: FoundSession; readonly signal: AbortSignal },
): Promise<void> => (found.kind === 'import' ? importSession : exportSession).delete({ id }, { signal });

const ends = new Set<string>(['IMPORT_COMPLETED', 'IMPORT_ERROR', 'EXPORT_COMPLETED', 'EXPORT_ERROR', 'EXPORT_READY']);
const pollMs = 500;

/** Tells of a session until it ends, or nobody knows it any more: whoever runs it removes it. Watching keeps it alive. */
async function watch(
  backend: RestBackend,
  { id, report, signal }: { readonly id: string; readonly report: Report; readonly signal: AbortSignal },
): Promise<FoundSession | undefined> {
  for (let state: string | undefined; ; ) {
    const found = await findSession(backend, { id, signal }).catch((error: unknown) => {
      if (state !== undefined && error instanceof CliError) return undefined;
      throw error;
    });
    if (found === undefined) return undefined;
    if (found.info.state !== state) report.event({ type: 'state', state: found.info.state });
    state = found.info.state;
    for (const { name, bytesTransferred: transferred, size } of found.info.files)
      if (transferred > 0) report.event({ type: 'file', name, transferred, size: size === 0 ? undefined : size });
    if (ends.has(state)) return found;
    await sleep(pollMs, undefined, { signal });
  }
}

/** Watches a session that somebody else runs, to its end. Ctrl-C stops the watching and nothing else. */
export async function attachSession(context: Context, options: OneSessionOptions): Promise<void> {
  const { signal, output } = context;
  const place = await sessionAt(context, { options, what: 'watched' });
  const { id } = place;
  const run = (report: Report): Promise<FoundSession | undefined> =>
    withSessionsAt(context, place, async (backend) => {
      report.event({ type: 'session', id });
      const found = await watch(backend, { id, report, signal });
      if (found === undefined || !found.info.state.endsWith('_ERROR')) return found;
      const { state, errors } = found.info;
      throw new SessionError('INVALID_ARGUMENT', errors.map(describeMessage).join('; '), { data: { state, errors } });
    });
  await reported<FoundSession | undefined>(context, {
    json: options.json,
    run,
    resultLine: (found) => ({ command: 'sessions attach', sessionId: id, ...endOf(found) }),
    print: (found) => {
      const { state, vmId, vappId } = endOf(found);
      const made = [vmId && `: virtual machine ${vmId}`, vappId && `: vApp ${vappId}`];
      output.line(
        state === undefined
          ? 'The session has ended, and whoever ran it has removed it.'
          : [state, ...made].filter((part) => part !== undefined).join(''),
      );
    },
  });
}

/** Nothing is known of a session that is gone. */
function endOf(found: FoundSession | undefined): {
  readonly state?: string | undefined;
  readonly vmId?: string | undefined;
  readonly vappId?: string | undefined;
  readonly libraryItemId?: string | undefined;
} {
  if (found?.kind !== 'import') return { state: found?.info.state, libraryItemId: found?.info.libraryItemId };
  const { state, vmId, vappId } = found.info;
  return { state, vmId, vappId };
}
