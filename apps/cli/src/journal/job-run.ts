import { randomUUID } from 'node:crypto';
import { type SessionBackend, SessionError } from '@ovfkit/domain';
import type { Continuation } from '@ovfkit/transfer';
import { CliError } from '../errors.ts';
import { formatDuration } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import type { ImportJob, Job } from './job.ts';
import type { Journal } from './journal.ts';
import type { Keeping } from './while-locked.ts';

/** What is worked on, and by what. */
export interface JobScene extends Keeping {
  readonly backend: SessionBackend;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** A job while this process works on it. */
export interface JobRun {
  /** As it is written down. */
  job(): ImportJob;
  /** Of the session it has, or will have. */
  continuation(): Continuation;
  /** Writes down what becomes of machines that are there already. */
  decide(decision: Pick<ImportJob, 'name' | 'replaces'>): Promise<void>;
  /**
   * To be told, before it is sent, which one of a package at a server this is: a session that has parts of another is ended. What it has could
   * not be told apart where no manifest lists it.
   */
  sending(fingerprint: string): Promise<void>;
  /** Leaves the session it had, and sends the package from here from now on. */
  restartViaClient(): Promise<void>;
  /** Leaves the session it had; what is made by the next has this name, or the one the command says. */
  restartAs(name: string | undefined): Promise<void>;
}

/** What a session is in; nothing when the target has forgotten it. */
export async function stateOf(get: Promise<{ readonly state: string }>): Promise<string | undefined> {
  try {
    return (await get).state;
  } catch (error) {
    if (error instanceof SessionError && error.kind === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** How long ago, in words for a line. */
export const agoOf = ({ createdAt }: Pick<Job, 'createdAt'>): string =>
  `${formatDuration(Math.max(Date.now() - createdAt, 0))} ago`;

const hasChanged = 'The package has changed since the import began; it begins anew.';

/** The job as an earlier process left it, when there is something left to go on with. What cannot be used is cleaned up. */
export async function findJob(
  scene: JobScene,
  { id, fingerprint }: Pick<ImportJob, 'id' | 'fingerprint'>,
): Promise<ImportJob | undefined> {
  const { journal, backend, report, signal } = scene;
  const job = await journal.read(id);
  if (job === undefined || job.kind === 'export') return undefined;
  if (job.outcome !== undefined) return job;
  const tell = (message: string): void => report.event({ type: 'information', message });
  const { sessionId } = job;
  const drop = async (): Promise<undefined> => {
    if (sessionId !== undefined) await backend.importSession.delete({ id: sessionId }, { signal });
    await journal.remove(id);
  };
  // of a package at a server it is known when that is asked
  if (fingerprint !== '' && job.fingerprint !== fingerprint) {
    if (job.options.source === '-')
      throw new CliError('usage', `What is piped is not the package that ${id} was begun with`, {
        hint: `Pipe that one; or give it up, ovfkit sessions abort ${id}, and import this one.`,
      });
    tell(hasChanged);
    return drop();
  }
  if (sessionId === undefined) return job; // nobody heard of a session: the token finds it, if there is one
  const state = await stateOf(backend.importSession.get({ id: sessionId }, { signal }));
  if (state === undefined) tell('The target has forgotten the session of an earlier attempt; the import begins anew.');
  if (state === undefined || state === 'IMPORT_ERROR') return drop();
  tell(`The import of ${agoOf(job)} goes on (${state}).`);
  return job;
}

/** A job that has not begun. */
export const newJob = (beginning: Pick<ImportJob, 'id' | 'options' | 'fingerprint'>): ImportJob => ({
  v: 1,
  createdAt: Date.now(),
  clientToken: randomUUID(),
  ...beginning,
});

/** Writes a job down, before anything is sent, and each step of it. The caller has the lock. */
export async function writtenDown<Kind extends Job>(journal: Journal, first: Kind) {
  let job = first;
  const become = async (next: Kind): Promise<void> => {
    job = next;
    await journal.write(next);
  };
  await become(first);
  return { job: () => job, become, write: (changes: Partial<Kind>) => become({ ...job, ...changes }) };
}

/** An import that is written down. */
export async function openJob(scene: JobScene, current: ImportJob): Promise<JobRun> {
  const { journal, backend, report, signal, isResumable } = scene;
  const { givenUp, ...begun } = current;
  const { job, become, write } = await writtenDown<ImportJob>(journal, begun);
  return {
    job,
    continuation: () => ({
      clientToken: job().clientToken,
      sessionId: job().sessionId,
      onSession: (sessionId) => (sessionId === job().sessionId ? Promise.resolve() : write({ sessionId })),
      onDone: ({ vmId, vappId }) =>
        write({ outcome: { ...(vmId === undefined ? {} : { vmId }), ...(vappId === undefined ? {} : { vappId }) } }),
      isKept: (failure) => isResumable(signal.aborted ? signal.reason : failure, job()),
      onLeft: () => write({ givenUp: true }),
    }),
    decide: ({ name, replaces }) =>
      write({ ...(name === undefined ? {} : { name }), ...(replaces === undefined ? {} : { replaces }) }),
    async sending(fingerprint) {
      const { sessionId, ...rest } = job();
      if (rest.fingerprint === fingerprint) return;
      if (rest.fingerprint === '') return write({ fingerprint });
      report.event({ type: 'information', message: hasChanged });
      if (sessionId !== undefined) await backend.importSession.delete({ id: sessionId }, { signal });
      await become({ ...rest, fingerprint, clientToken: randomUUID() });
    },
    restartViaClient() {
      const { sessionId, ...rest } = job();
      return become({ ...rest, clientToken: randomUUID(), options: { ...rest.options, viaClient: true } });
    },
    restartAs(name) {
      const { sessionId, name: taken, ...rest } = job();
      return become({ ...rest, clientToken: randomUUID(), ...(name === undefined ? {} : { name }) });
    },
  };
}
