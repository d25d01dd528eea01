import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findOwnJob, findOwnTrace } from '../journal/find-job.ts';
import type { OnInterrupt } from '../journal/interruption.ts';
import type { Job } from '../journal/job.ts';
import { agoOf } from '../journal/job-run.ts';
import { openJournal } from '../journal/journal.ts';
import { openTraces } from '../journal/trace.ts';
import { table } from '../output/table.ts';
import { shownPath } from '../source/url.ts';
import type { ViaOptions } from '../target/connection.ts';
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
  /** At a target without sessions: how. */
  readonly via?: 'library' | 'lease';
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The process that works on it. */
  readonly pid: number | undefined;
  /** Whether nothing but the end of its session is left to be done. */
  readonly givenUp?: true;
}

function listed(job: Job, pid: number | undefined): ListedJob {
  const { id, sessionId, createdAt, givenUp } = job;
  const begun = { id, sessionId, createdAt, pid, ...(givenUp ? { givenUp } : {}) };
  if (job.kind !== 'export')
    return { ...begun, kind: 'import', package: shownPath(job.options.source), to: job.options.to };
  const { options, own } = job;
  const { output, toLibrary, from } = options;
  const shown = { ...begun, kind: 'export', package: output ?? `library:${toLibrary}`, from } as const;
  // its session is in its process
  return own === undefined ? shown : { ...shown, sessionId: undefined, via: own.via };
}

/** Imports of processes of this machine, at targets without sessions. */
async function listedTraces({ config }: Context): Promise<readonly ListedJob[]> {
  const traces = openTraces(config);
  const all = (await traces.list()).map(async ({ id, createdAt, via, job }): Promise<readonly ListedJob[]> => {
    if (job === undefined) return [];
    const { source, to } = job.options;
    const pid = await traces.lockedBy(id);
    const begun = { id: job.id, kind: 'import' as const, sessionId: undefined, createdAt, pid };
    return [{ ...begun, package: shownPath(source), to, via }];
  });
  return (await Promise.all(all)).flat();
}

/** Lists the imports and exports that were begun on this machine and have not ended. */
export async function listJobs(context: Context, { json }: { readonly json?: true | undefined }): Promise<void> {
  const { config, output } = context;
  const journal = openJournal(config.jobs);
  const written = (await journal.list()).map(async (job) => listed(job, await journal.lockedBy(job.id)));
  const jobs = [...(await Promise.all(written)), ...(await listedTraces(context))];
  for (const { path, why } of [...(await journal.unreadable()), ...(await openTraces(config).unreadable())])
    output.note(`warning: ${path} is not listed, for it is ${why}; ovfkit sessions gc tells what becomes of it.`);
  if (json) return output.json(jobs);
  if (jobs.length === 0) return output.line('Nothing was begun here that has not ended.');
  const rows = jobs.map((job) => [
    job.id,
    job.kind,
    job.package,
    job.to ?? job.from ?? '-',
    job.sessionId ?? (job.via === undefined ? '-' : `none, by ${job.via}`),
    agoOf(job),
    job.pid !== undefined ? `runs as ${job.pid}` : job.givenUp ? 'given up' : 'stopped',
  ]);
  const titles = ['Id', 'Kind', 'Package', 'Target', 'Session', 'Begun', 'Process'].map((title) => ({ title }));
  for (const line of table(titles, { rows, style: output.style })) output.line(line);
}

export interface ResumeOptions extends ViaOptions {
  readonly id: string;
  readonly onInterrupt?: OnInterrupt | undefined;
  readonly json?: true | undefined;
}

/** Goes on with an import or an export as its command began it. */
export async function resumeJob(context: Context, { id, onInterrupt, json, ...way }: ResumeOptions): Promise<void> {
  const job = await findOwnJob(context, id);
  const trace = job === undefined ? await findOwnTrace(context, id) : undefined;
  if (trace?.job !== undefined) {
    const { via, library } = trace;
    const { id: own, options } = trace.job;
    return importAction(context, { ...options, via, library, ...given(way), job: own, onInterrupt, json });
  }
  if (job === undefined)
    throw new CliError('usage', `No import or export of this machine has the id ${id}`, {
      hint: 'ovfkit sessions list shows those there are; only the machine that has the package can go on with one.',
    });
  const own = job.kind === 'export' ? job.own : undefined;
  if (own === undefined && (way.via === 'library' || way.via === 'lease'))
    throw new CliError('usage', `${id} has a session at its target, and goes on in that alone`, {
      hint: `Leave --via out; or give it up, ovfkit sessions abort ${id}, and begin anew by another way.`,
    });
  if (job.kind === 'export') {
    const { via, library } = own ?? {};
    await exportAction(context, { ...job.options, via, library, ...given(way), job: job.id, onInterrupt, json });
  } else await importAction(context, { ...job.options, job: job.id, onInterrupt, json });
}

/** Without what was not said. */
const given = ({ via, library }: ViaOptions): ViaOptions => ({
  ...(via === undefined ? {} : { via }),
  ...(library === undefined ? {} : { library }),
});
