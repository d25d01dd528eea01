import type { Reporter } from './progress.ts';
import { createPatience } from './retry.ts';

const cleanUpMs = 10_000;

/** One kind of session at a backend: how it is made and deleted. */
export interface SessionLife {
  /** The same session each time: it carries one client token. */
  create(signal: AbortSignal): Promise<string>;
  delete(id: string, signal: AbortSignal): Promise<unknown>;
}

/** Whether a session outlives this failure, for another process to go on with. */
export type IsKept = (failure: unknown) => boolean;

const neverKept: IsKept = () => false;

/** What becomes of a session whose work fails. */
export interface FailedLife {
  /** Whether the session stays after this failure. */
  readonly isKept: IsKept;
  /** Told that the session was to end with a failure and could not be deleted: until somebody does that, it is there. */
  onLeft(): Promise<void>;
}

const unheeded: FailedLife = { isKept: neverKept, onLeft: async () => {} };

/**
 * Makes a session. When that is canceled on the way, what may have been made all the same is found by its token and deleted,
 * unless it is to be kept.
 */
export async function makeSession(
  life: SessionLife,
  { signal, isKept = neverKept }: { readonly signal: AbortSignal; readonly isKept?: IsKept | undefined },
): Promise<string> {
  try {
    return await life.create(signal);
  } catch (error) {
    if (signal.aborted && !isKept(error))
      await life
        .create(AbortSignal.timeout(cleanUpMs))
        .then((id) => life.delete(id, AbortSignal.timeout(cleanUpMs)))
        .catch(() => undefined);
    throw error;
  }
}

/** Works on a session, and deletes it in every ending but those it is kept for; one that cannot be deleted is a warning, and told. */
export async function whileItLives<Result>(
  {
    id,
    reporter,
    life,
    continuation = unheeded,
  }: {
    readonly id: string;
    readonly reporter: Reporter;
    readonly life: Pick<SessionLife, 'delete'>;
    readonly continuation?: FailedLife | undefined;
  },
  work: () => Promise<Result>,
): Promise<Result> {
  // its own signal: the caller's may be what ended the work
  const end = async (): Promise<boolean> => {
    try {
      await life.delete(id, AbortSignal.timeout(cleanUpMs));
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      reporter.warning(`Session ${id} could not be deleted and stays until it times out: ${reason}`);
      return false;
    }
  };
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    if (!continuation.isKept(error) && !(await end())) await continuation.onLeft();
    throw error;
  }
  await end();
  return result;
}

export interface Asking {
  /** The call, as `onProgress` is told of it. */
  readonly name: string;
  readonly retries: number;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/** Asks until there is an answer, or `retries` are used up. @throws what `ask` throws, the signal's reason */
export async function askPatiently<Answer>(
  ask: () => Promise<Answer>,
  { name, retries, signal, reporter }: Asking,
): Promise<Answer> {
  const patience = createPatience({ retries, signal, onRetry: (notice) => reporter.retry(name, notice) });
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      await patience.failed(error);
    }
  }
}
