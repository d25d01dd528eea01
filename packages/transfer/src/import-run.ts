import { randomUUID } from 'node:crypto';
import {
  type CallOptions,
  type ChunkPool,
  createChunkPool,
  type ImportCreateSpec,
  type ImportInfo,
  importStatesBetween,
  type OvfInfo,
  type OvfParams,
  type OvfValidationResult,
  type OvfWarning,
  type SessionBackend,
  SessionError,
} from '@ovfkit/domain';
import type { Continuation } from './continuation.ts';
import { describeMessage, sessionFailure } from './failure.ts';
import { createReporter, type OnProgress, type Reporter } from './progress.ts';
import { askPatiently, makeSession, type SessionLife, whileItLives } from './session-life.ts';
import { type Polling, until } from './until.ts';

/** Where an import goes. */
export interface ImportTarget {
  readonly resourcePool: string;
  readonly folder?: string | undefined;
  readonly host?: string | undefined;
}

/**
 * Decides what to give, from what is asked for. Called with the answer to the empty set first, and again with each answer that still has
 * errors; giving the same set twice gives up.
 */
export type ChooseParameters = (
  validation: OvfValidationResult,
) => readonly OvfParams[] | Promise<readonly OvfParams[]>;

/** What every import takes, whoever moves the bytes. */
export interface ImportSettings {
  readonly backend: SessionBackend;
  readonly target: ImportTarget;
  readonly parameters: ChooseParameters;
  /** Import flags: `LAX` and whatever `importFlag.list` names. */
  readonly flags?: readonly string[] | undefined;
  /** BCP 47 tag for messages. */
  readonly locale?: string | undefined;
  /** Cancels: the session is deleted, and the call rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
  /** Failures in a row without a byte moved that are put up with; 8 by default, and five minutes of them at most. */
  readonly retries?: number | undefined;
  readonly poll?: Partial<Polling> | undefined;
  /** For imports that outlive their process; without it the session is deleted in every ending. */
  readonly continuation?: Continuation | undefined;
}

/** What an import came to. Exactly one of `vmId` and `vappId` is set. */
export interface ImportResult {
  readonly vmId?: string;
  readonly vappId?: string;
  readonly warnings: readonly OvfWarning[];
  readonly information: readonly OvfInfo[];
  readonly sessionId: string;
  /** Sent, what a server lost and got again included; what broke off before the server had it is not. 0 when the server pulled. */
  readonly bytesSent: number;
  /** Not sent, for the server had them by their digest or from an earlier attempt; 0 when the server pulled. */
  readonly bytesThere: number;
}

/** An import session while it runs. */
export interface ImportRun {
  readonly id: string;
  readonly backend: SessionBackend;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  /** Memory for what is being sent. */
  readonly pool: ChunkPool;
  readonly retries: number;
  readonly poll: Polling;
  readonly continuation: Continuation | undefined;
  /** With a signal of its own where work runs side by side. */
  callOptions(signal?: AbortSignal): CallOptions & { readonly signal: AbortSignal };
  /** @throws SessionError that names the session's errors when it is in `IMPORT_ERROR`; NOT_FOUND when it is gone */
  get(signal?: AbortSignal): Promise<ImportInfo>;
  /** What the session died of, when it did; else the error itself. A server that refuses bytes says why in the session. */
  explain(error: unknown): Promise<unknown>;
  /** Polls until `isDone`; errors as `get`. */
  until(isDone: (info: ImportInfo) => boolean, signal?: AbortSignal): Promise<ImportInfo>;
}

/** Makes a session or goes on with one, works on it, and deletes it in every ending but those it is kept for. */
export async function withImportSession<Result>(
  settings: ImportSettings,
  createSpec: ImportCreateSpec,
  work: (run: ImportRun) => Promise<Result>,
): Promise<Result> {
  const { signal = new AbortController().signal, continuation } = settings;
  signal.throwIfAborted();
  const life = lifeOf(settings, createSpec);
  const id = continuation?.sessionId ?? (await makeSession(life, { signal, isKept: continuation?.isKept }));
  const reporter = createReporter(importStatesBetween, settings.onProgress);
  return whileItLives({ id, reporter, life, continuation }, async () => {
    await continuation?.onSession(id);
    reporter.session(id);
    return work(createRun(settings, { id, signal, reporter }));
  });
}

function lifeOf({ backend, target, locale, continuation }: ImportSettings, createSpec: ImportCreateSpec): SessionLife {
  const clientToken = continuation?.clientToken ?? randomUUID();
  return {
    create: (signal) =>
      backend.importSession.createForResourcePool(
        {
          resourcePool: target.resourcePool,
          clientToken,
          createSpec,
          ...(target.folder === undefined ? {} : { folder: target.folder }),
          ...(target.host === undefined ? {} : { hostSystem: target.host }),
        },
        { signal, ...(locale === undefined ? {} : { locale }) },
      ),
    delete: (id, signal) => backend.importSession.delete({ id }, { signal }),
  };
}

function createRun(
  { backend, locale, retries = 8, poll = {}, continuation }: ImportSettings,
  { id, signal, reporter }: Pick<ImportRun, 'id' | 'signal' | 'reporter'>,
): ImportRun {
  const polling = { firstMs: poll.firstMs ?? 500, maxMs: poll.maxMs ?? 5_000 };
  const callOptions = (own: AbortSignal = signal) => ({ signal: own, ...(locale === undefined ? {} : { locale }) });
  const ask = (own: AbortSignal): Promise<ImportInfo> =>
    askPatiently(() => backend.importSession.get({ id }, callOptions(own)), {
      name: 'import_session.get',
      retries,
      signal: own,
      reporter,
    });
  const get = async (own: AbortSignal = signal): Promise<ImportInfo> => {
    const info = await ask(own);
    reporter.state(info.state);
    if (info.state === 'IMPORT_ERROR') throw sessionFailure(info.state, info.errors);
    return info;
  };
  return {
    id,
    backend,
    signal,
    reporter,
    pool: createChunkPool(),
    retries,
    poll: polling,
    continuation,
    callOptions,
    get,
    async explain(error) {
      if (!(error instanceof SessionError) || signal.aborted) return error;
      const info = await backend.importSession.get({ id }, callOptions()).catch(() => undefined);
      return info?.state === 'IMPORT_ERROR' ? sessionFailure(info.state, info.errors) : error;
    },
    until: (isDone, own = signal) => until(() => get(own), { isDone, poll: polling, signal: own }),
  };
}

/** Asks for parameters until they are right, and starts the instantiation. */
export async function instantiateChosen(run: ImportRun, choose: ChooseParameters): Promise<void> {
  const { parameters } = await chooseParameters(run, choose);
  await run.backend.importSession.instantiate({ id: run.id, instantiationParameters: parameters }, run.callOptions());
}

const maxRounds = 8;

/** Parameters, and what the server says of them. */
export interface ChosenParameters {
  readonly parameters: readonly OvfParams[];
  readonly validation: OvfValidationResult;
}

/**
 * Chooses parameters with which nothing is wrong.
 * @throws SessionError INVALID_ARGUMENT with every error that is left
 */
export async function chooseParameters(run: ImportRun, choose: ChooseParameters): Promise<ChosenParameters> {
  const chosen = await tryParameters(run, choose);
  const { errors } = chosen.validation;
  if (errors.length === 0) return chosen;
  throw new SessionError('INVALID_ARGUMENT', errors.map(describeMessage).join('; '), { data: { errors } });
}

/** Asks and answers until nothing is wrong with the parameters, or the answer is the same again: then its errors are left. */
export async function tryParameters(
  { backend, id, callOptions, explain }: ImportRun,
  choose: ChooseParameters,
): Promise<ChosenParameters> {
  const ask = (instantiationParameters: readonly OvfParams[]) =>
    backend.importSession
      .tryInstantiate({ id, instantiationParameters }, callOptions())
      .catch(async (error: unknown) => {
        // a file that came damaged may have ended the session meanwhile: that is the reason, not that nothing is asked any more
        throw await explain(error);
      });
  let validation = await ask([]);
  let parameters: readonly OvfParams[] = [];
  let before: string | undefined;
  for (let round = 1; round <= maxRounds; round += 1) {
    parameters = await choose(validation);
    validation = await ask(parameters);
    const text = JSON.stringify(parameters);
    if (validation.errors.length === 0 || text === before) break;
    before = text;
  }
  return { parameters, validation };
}

/** Whether the descriptor and its message bundles are still being read. A session that is gone on with may be past that. */
export const isReading = ({ state }: ImportInfo): boolean =>
  state === 'IMPORT_OVF_TRANSFER' || state === 'IMPORT_MSG_BUNDLES_TRANSFER';

/** Whether the machine is made. */
export const isDone = ({ state }: ImportInfo): boolean => state === 'IMPORT_COMPLETED';

/** Whether parameters are waited for. */
export const isSelecting = ({ state }: ImportInfo): boolean => state === 'IMPORT_SELECTING_OVF_PARAMS';

/** Of a session that an earlier process began for the same package when it could be read in another way. */
export const otherForm = ({ id }: Pick<ImportRun, 'id'>): SessionError =>
  new SessionError(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `Session ${id} was begun for another form of the package. Start the import anew.`,
  );

/** The end of a run as its result, told to whoever writes it down. */
export async function resultOf(
  { id, continuation }: ImportRun,
  { info, bytesSent, bytesThere }: { readonly info: ImportInfo } & Pick<ImportResult, 'bytesSent' | 'bytesThere'>,
): Promise<ImportResult> {
  // an empty id counts as unset (contract, 14.23)
  const result = {
    ...(info.vmId ? { vmId: info.vmId } : {}),
    ...(info.vappId ? { vappId: info.vappId } : {}),
    warnings: info.warnings,
    information: info.information,
    sessionId: id,
    bytesSent,
    bytesThere,
  };
  await continuation?.onDone(result);
  return result;
}
