import { randomUUID } from 'node:crypto';
import {
  type ChunkPool,
  type CreateExportSession,
  createChunkPool,
  type ExportInfo,
  exportStatesBetween,
  type OvfInfo,
  type OvfWarning,
  type SessionBackend,
} from '@ovfkit/domain';
import type { Continuation, ExportContinuation } from './continuation.ts';
import { sessionFailure } from './failure.ts';
import type { PackageSink } from './package-sink.ts';
import { createReporter, type OnProgress, type Reporter } from './progress.ts';
import { askPatiently, makeSession, type SessionLife, whileItLives } from './session-life.ts';
import { type Polling, until } from './until.ts';

/** What to export, and how its session is lived through. */
export interface ExportSettings {
  readonly backend: SessionBackend;
  /** Exactly one of the two. */
  readonly source:
    | { readonly vmId: string; readonly vappId?: never }
    | { readonly vappId: string; readonly vmId?: never };
  /** Export flags: `PRESERVE_MAC` and whatever `exportFlag.list` names. */
  readonly flags?: readonly string[] | undefined;
  /** Of the package; the entity's own when absent. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly locale?: string | undefined;
  /** Cancels: session and what was written are deleted, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Failures in a row without a byte moved that are put up with; 8 by default, and five minutes of them at most. */
  readonly retries?: number | undefined;
  readonly poll?: Partial<Polling> | undefined;
}

/** Those of a session that another process may have begun. */
export interface ContinuedSettings<Result> extends ExportSettings {
  /** So that the export outlives this process. Without it the session is deleted in every ending. */
  readonly continuation?: Continuation<Result> | undefined;
}

export interface ExportOptions extends ExportSettings {
  /** Decides what is asked for: an archive or files. Committed at the end, discarded in every other ending but those it is kept for. */
  readonly target: PackageSink;
  /** So that the export outlives this process: its session, and what `target` has of its files. */
  readonly continuation?: ExportContinuation | undefined;
  /** Files that are received at once; 4 by default. */
  readonly concurrency?: number | undefined;
}

/** What an export came to. */
export interface ExportResult {
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
  readonly sessionId: string;
  /** From the network; what was on disk already is not counted. */
  readonly bytesReceived: number;
}

/** An export session while it runs. */
export interface ExportRun {
  readonly id: string;
  readonly backend: SessionBackend;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Memory for what is being received. */
  readonly pool: ChunkPool;
  readonly retries: number;
  /** Polls until the files are complete. @throws SessionError that names the session's errors */
  untilReady(): Promise<ExportInfo>;
}

/** Where an export goes. */
export type TargetSpec = Pick<
  CreateExportSession['createSpec'],
  'targetType' | 'targetContentType' | 'contentLibrary' | 'contentLibraryItem'
>;

/** What is asked of an export session. */
export interface ExportWork<Result> {
  readonly spec: TargetSpec;
  readonly work: (run: ExportRun) => Promise<Result>;
}

/** Makes a session or goes on with one, works on it, and deletes it in every ending but those it is kept for. */
export async function withExportSession<Result>(
  options: ContinuedSettings<Result>,
  { spec, work }: ExportWork<Result>,
): Promise<Result> {
  const { signal = new AbortController().signal, continuation } = options;
  signal.throwIfAborted();
  const life = lifeOf(options, spec);
  const id = continuation?.sessionId ?? (await makeSession(life, { signal, isKept: continuation?.isKept }));
  const reporter = createReporter(exportStatesBetween, options.onProgress);
  return whileItLives({ id, reporter, life, continuation }, async () => {
    await continuation?.onSession(id);
    reporter.session(id);
    const result = await work(createRun(options, { id, signal, reporter }));
    await continuation?.onDone(result);
    return result;
  });
}

function lifeOf<Result>(
  { backend, source, flags = [], name, description, locale, continuation }: ContinuedSettings<Result>,
  target: TargetSpec,
): SessionLife {
  const input: CreateExportSession = {
    clientToken: continuation?.clientToken ?? randomUUID(),
    source: source.vmId === undefined ? { vappId: source.vappId } : { vmId: source.vmId },
    createSpec: {
      ...target,
      exportFlags: [...flags],
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    },
  };
  return {
    create: (signal) => backend.exportSession.create(input, { signal, ...(locale === undefined ? {} : { locale }) }),
    delete: (id, signal) => backend.exportSession.delete({ id }, { signal }),
  };
}

function createRun(
  { backend, locale, retries = 8, poll = {} }: ExportSettings,
  { id, signal, reporter }: Pick<ExportRun, 'id' | 'signal' | 'reporter'>,
): ExportRun {
  const options = { signal, ...(locale === undefined ? {} : { locale }) };
  const ask = (): Promise<ExportInfo> =>
    askPatiently(() => backend.exportSession.get({ id }, options), {
      name: 'export_session.get',
      retries,
      signal,
      reporter,
    });
  const get = async (): Promise<ExportInfo> => {
    const info = await ask();
    reporter.state(info.state);
    if (info.state === 'EXPORT_ERROR') throw sessionFailure(info.state, info.errors);
    return info;
  };
  return {
    id,
    backend,
    signal,
    reporter,
    pool: createChunkPool(),
    retries,
    untilReady: () =>
      until(get, {
        isDone: ({ state }) => state === 'EXPORT_READY' || state === 'EXPORT_COMPLETED',
        poll: { firstMs: poll.firstMs ?? 500, maxMs: poll.maxMs ?? 5_000 },
        signal,
      }),
  };
}
