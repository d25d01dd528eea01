import { randomUUID } from 'node:crypto';
import {
  type CreateExportSession,
  type ExportInfo,
  exportStatesBetween,
  type OvfInfo,
  type OvfWarning,
  type SessionBackend,
  SessionError,
} from '@ovfkit/domain';
import { sessionFailure } from './failure.ts';
import type { PackageSink } from './package-sink.ts';
import { createReporter, type OnProgress, type Reporter } from './progress.ts';
import { createPatience } from './retry.ts';
import { type Polling, until } from './until.ts';

export interface ExportOptions {
  readonly backend: SessionBackend;
  /** Exactly one of the two. */
  readonly source:
    | { readonly vmId: string; readonly vappId?: never }
    | { readonly vappId: string; readonly vmId?: never };
  /** Decides what is asked for: an archive or files. Committed at the end, discarded in every other ending. */
  readonly target: PackageSink;
  /** Export flags: `PRESERVE_MAC` and whatever `exportFlag.list` names. */
  readonly flags?: readonly string[] | undefined;
  /** Of the package; the entity's own when absent. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly locale?: string | undefined;
  /** Cancels: session and what was written are deleted, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Files that are received at once; 4 by default. */
  readonly concurrency?: number | undefined;
  /** Failures in a row without a byte moved that are put up with; 8 by default, about half a minute. */
  readonly retries?: number | undefined;
  readonly poll?: Partial<Polling> | undefined;
}

/** What an export came to. */
export interface ExportResult {
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
  readonly sessionId: string;
  readonly bytesReceived: number;
}

/** An export session while it runs. */
export interface ExportRun {
  readonly id: string;
  readonly backend: SessionBackend;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly retries: number;
  /** Polls until the files are complete. @throws SessionError that names the session's errors */
  untilReady(): Promise<ExportInfo>;
}

const cleanUpMs = 10_000;

/** Makes a session, works on it, and deletes it in every ending. An archive is asked for first, and files when the server has none. */
export async function withExportSession<Result>(
  options: ExportOptions,
  work: (run: ExportRun) => Promise<Result>,
): Promise<Result> {
  const { backend, signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  const id = await createEither(options, signal);
  const reporter = createReporter(exportStatesBetween, options.onProgress);
  try {
    reporter.session(id);
    return await work(createRun(options, { id, signal, reporter }));
  } finally {
    // its own signal: the caller's may be what ended the work
    await backend.exportSession
      .delete({ id }, { signal: AbortSignal.timeout(cleanUpMs) })
      .catch((error: unknown) =>
        reporter.warning(`Session ${id} could not be deleted and stays until it times out: ${String(error)}`),
      );
  }
}

async function createEither(options: ExportOptions, signal: AbortSignal): Promise<string> {
  if (options.target.kind === 'ovf') return createSession(options, { targetContentType: 'OVF_TARGET', signal });
  try {
    return await createSession(options, { targetContentType: 'OVA_TARGET', signal });
  } catch (error) {
    if (!(error instanceof SessionError) || (error.kind !== 'UNSUPPORTED' && error.kind !== 'INVALID_ARGUMENT'))
      throw error;
    return createSession(options, { targetContentType: 'OVF_TARGET', signal });
  }
}

async function createSession(
  { backend, source, flags = [], name, description, locale }: ExportOptions,
  {
    targetContentType,
    signal,
  }: { readonly targetContentType: 'OVF_TARGET' | 'OVA_TARGET'; readonly signal: AbortSignal },
): Promise<string> {
  const input: CreateExportSession = {
    clientToken: randomUUID(),
    source: source.vmId === undefined ? { vappId: source.vappId } : { vmId: source.vmId },
    createSpec: {
      targetType: 'DOWNLOAD_TARGET',
      targetContentType,
      exportFlags: [...flags],
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    },
  };
  const create = (own: AbortSignal): Promise<string> =>
    backend.exportSession.create(input, { signal: own, ...(locale === undefined ? {} : { locale }) });
  try {
    return await create(signal);
  } catch (error) {
    // canceled while it was made: the token finds the session that nobody was told of
    if (signal.aborted)
      await create(AbortSignal.timeout(cleanUpMs))
        .then((id) => backend.exportSession.delete({ id }, { signal: AbortSignal.timeout(cleanUpMs) }))
        .catch(() => undefined);
    throw error;
  }
}

function createRun(
  { backend, locale, retries = 8, poll = {} }: ExportOptions,
  { id, signal, reporter }: Pick<ExportRun, 'id' | 'signal' | 'reporter'>,
): ExportRun {
  const options = { signal, ...(locale === undefined ? {} : { locale }) };
  const ask = async (): Promise<ExportInfo> => {
    const patience = createPatience({
      retries,
      signal,
      onRetry: (notice) => reporter.retry('export_session.get', notice),
    });
    for (;;) {
      try {
        return await backend.exportSession.get({ id }, options);
      } catch (error) {
        await patience.failed(error);
      }
    }
  };
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
    retries,
    untilReady: () =>
      until(get, {
        isDone: ({ state }) => state === 'EXPORT_READY' || state === 'EXPORT_COMPLETED',
        poll: { firstMs: poll.firstMs ?? 500, maxMs: poll.maxMs ?? 5_000 },
        signal,
      }),
  };
}
