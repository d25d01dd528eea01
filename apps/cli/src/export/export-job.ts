import { randomUUID } from 'node:crypto';
import type { ExportContinuation, ExportResult, LibraryExportResult } from '@ovfkit/transfer';
import { createFileSink, type PackageSink } from '@ovfkit/transfer';
import type { ExportJob } from '../journal/job.ts';
import { agoOf, type JobScene, stateOf, writtenDown } from '../journal/job-run.ts';

/** What came of an export. */
export type ExportOutcome = ExportResult | LibraryExportResult;

/**
 * The export as an earlier process left it. A session that the target has forgotten, or that failed, is left: the next one has the same
 * files, and what of them is on disk is compared with it.
 */
export async function findExportJob(
  { journal, backend: { exportSession }, report, signal }: JobScene,
  id: string,
): Promise<ExportJob | undefined> {
  const job = await journal.read(id);
  if (job?.kind !== 'export') return undefined;
  const { sessionId, ...rest } = job;
  if (job.outcome !== undefined || sessionId === undefined) return job;
  const tell = (message: string): void => report.event({ type: 'information', message });
  const state = await stateOf(exportSession.get({ id: sessionId }, { signal }));
  if (state !== undefined && state !== 'EXPORT_ERROR') {
    tell(`The export of ${agoOf(job)} goes on (${state}).`);
    return job;
  }
  if (state !== undefined) await exportSession.delete({ id: sessionId }, { signal });
  tell(
    'The session of an earlier attempt is over, another is made. What is here is not fetched again if it is the same.',
  );
  return { ...rest, clientToken: randomUUID() };
}

/** An export that has not begun. */
export const newExportJob = (beginning: Pick<ExportJob, 'id' | 'options' | 'own'>): ExportJob => ({
  v: 1,
  kind: 'export',
  createdAt: Date.now(),
  clientToken: randomUUID(),
  ...beginning,
});

/** Writes an export down. Resolves to what transfer tells of it from now on. */
export async function continuationOf(
  { journal, signal, isResumable }: JobScene,
  first: ExportJob,
): Promise<Omit<ExportContinuation, 'onDone'> & { onDone(result: ExportOutcome): Promise<void> }> {
  const { givenUp, ...begun } = first;
  const { job, write } = await writtenDown<ExportJob>(journal, begun);
  return {
    clientToken: first.clientToken,
    sessionId: first.sessionId,
    onSession: (sessionId) => (sessionId === job().sessionId ? Promise.resolve() : write({ sessionId })),
    onFiles: (names) => write({ files: [...names] }),
    onDone: (result) => write({ outcome: outcomeOf(result) }),
    isKept: (failure) => isResumable(signal.aborted ? signal.reason : failure),
    onLeft: () => write({ givenUp: true }),
  };
}

const outcomeOf = (result: ExportOutcome): NonNullable<ExportJob['outcome']> =>
  'libraryItemId' in result
    ? { libraryItemId: result.libraryItemId }
    : { files: result.files.map(({ name, size }) => ({ name, size })) };

/** What an export has come to whose process ended right then. */
export function finishedOf({ outcome, sessionId = '' }: ExportJob): ExportOutcome {
  const told = { warnings: [], information: [], sessionId };
  const { libraryItemId, files = [] } = outcome ?? {};
  return libraryItemId === undefined ? { ...told, files, bytesReceived: 0 } : { ...told, libraryItemId };
}

/** Where an export has put what it has so far; nothing for one into a library. */
export async function sinkOf({ options: { output }, files }: ExportJob): Promise<PackageSink | undefined> {
  if (output === undefined) return undefined;
  return createFileSink(output, { overwrite: 'replace', begun: files ?? [] });
}
