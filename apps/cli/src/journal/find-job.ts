import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Job } from './job.ts';
import { openJournal } from './journal.ts';
import { openTraces, type Trace } from './trace.ts';

/** The job of an id, of its own or of its session; nothing when this machine has none. @throws CliError when its file cannot be read */
export async function findOwnJob({ config }: Context, id: string): Promise<Job | undefined> {
  const journal = openJournal(config.jobs);
  const found = (await journal.list()).find((job) => job.id === id || job.sessionId === id);
  if (found !== undefined) return found;
  return (await journal.unreadable()).some((each) => each.id === id) ? journal.read(id) : undefined;
}

/** What an import in a process of this machine, at a target without sessions, has written down of itself; nothing when there is none. */
export async function findOwnTrace({ config }: Context, id: string): Promise<Trace | undefined> {
  const traces = await openTraces(config).list();
  return traces.find((trace) => trace.id === id || trace.job?.id === id);
}

/** Where a session is: as the option says, or as its job has it. @throws CliError when neither does */
export function targetOf({ id, on }: { readonly id: string; readonly on?: string | undefined }, job: Job | undefined) {
  const target = on ?? (job && placeOf(job));
  if (target !== undefined) return target;
  throw new CliError('usage', `No import or export of this machine has the id ${id}`, {
    hint: 'Say with --on where the session is; ovfkit sessions list shows what was begun here.',
  });
}

/** The target of a job, as its command named it. */
export const placeOf = (job: Job): string => (job.kind === 'export' ? job.options.from : job.options.to);
