import { randomUUID } from 'node:crypto';
import { type ImportState, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { Continuation } from '@ovfkit/transfer';
import { formatDuration } from '../output/format.ts';
import type { Report } from '../output/report.ts';
import type { Job } from './job.ts';
import type { Journal } from './journal.ts';

/** What is worked on, and by what. */
export interface JobScene {
  readonly journal: Journal;
  readonly backend: SessionBackend;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Whether the import can go on after this failure. */
  isResumable(failure: unknown): boolean;
}

/** A job while this process works on it. */
export interface JobRun {
  /** As it is written down. */
  job(): Job;
  /** Of the session it has, or will have. */
  continuation(): Continuation;
  /** Leaves the session it had, and sends the package from here from now on. */
  restartViaClient(): Promise<void>;
}

async function stateOf(
  { backend: { importSession }, signal }: JobScene,
  id: string,
): Promise<ImportState | (string & {}) | undefined> {
  try {
    return (await importSession.get({ id }, { signal })).state;
  } catch (error) {
    if (error instanceof SessionError && error.kind === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** The job as an earlier process left it, when there is something left to go on with. What cannot be used is cleaned up. */
export async function findJob(
  scene: JobScene,
  { id, fingerprint }: Pick<Job, 'id' | 'fingerprint'>,
): Promise<Job | undefined> {
  const { journal, backend, report, signal } = scene;
  const job = await journal.read(id);
  if (job === undefined || job.outcome !== undefined) return job;
  const tell = (message: string): void => report.event({ type: 'information', message });
  const { sessionId } = job;
  const drop = async (): Promise<undefined> => {
    if (sessionId !== undefined) await backend.importSession.delete({ id: sessionId }, { signal });
    await journal.remove(id);
  };
  if (job.fingerprint !== fingerprint) {
    tell('The package has changed since the import began; it begins anew.');
    return drop();
  }
  if (sessionId === undefined) return job; // nobody heard of a session: the token finds it, if there is one
  const state = await stateOf(scene, sessionId);
  if (state === undefined) tell('The target has forgotten the session of an earlier attempt; the import begins anew.');
  if (state === undefined || state === 'IMPORT_ERROR') return drop();
  tell(`The import of ${formatDuration(Math.max(Date.now() - job.createdAt, 0))} ago goes on (${state}).`);
  return job;
}

/** A job that has not begun. */
export const newJob = ({
  id,
  options,
  fingerprint,
  name,
  replaces,
}: Pick<Job, 'id' | 'options' | 'fingerprint' | 'name' | 'replaces'>): Job => ({
  v: 1,
  createdAt: Date.now(),
  clientToken: randomUUID(),
  id,
  options,
  fingerprint,
  ...(name === undefined ? {} : { name }),
  ...(replaces === undefined ? {} : { replaces }),
});

/** Writes a job down, before anything is sent, and each step of it. The caller has the lock. */
export async function openJob({ journal, signal, isResumable }: JobScene, current: Job): Promise<JobRun> {
  await journal.write(current);
  let job = current;
  const write = async (changes: Partial<Job>): Promise<void> => {
    job = { ...job, ...changes };
    await journal.write(job);
  };
  return {
    job: () => job,
    continuation: () => ({
      clientToken: job.clientToken,
      sessionId: job.sessionId,
      onSession: (sessionId) => (sessionId === job.sessionId ? Promise.resolve() : write({ sessionId })),
      onDone: ({ vmId, vappId }) =>
        write({ outcome: { ...(vmId === undefined ? {} : { vmId }), ...(vappId === undefined ? {} : { vappId }) } }),
      isKept: (failure) => isResumable(signal.aborted ? signal.reason : failure),
    }),
    async restartViaClient() {
      const { sessionId, ...rest } = job;
      job = { ...rest, clientToken: randomUUID(), options: { ...job.options, viaClient: true } };
      await journal.write(job);
    },
  };
}
