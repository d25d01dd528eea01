import type { Reporter } from './progress.ts';
import { createPatience } from './retry.ts';

const cleanUpMs = 10_000;

/** One kind of session at a backend: how it is made and deleted. */
export interface SessionLife {
  /** The same session each time: it carries one client token. */
  create(signal: AbortSignal): Promise<string>;
  delete(id: string, signal: AbortSignal): Promise<unknown>;
}

/** Makes a session. When that is canceled on the way, what may have been made all the same is found by its token and deleted. */
export async function makeSession(life: SessionLife, signal: AbortSignal): Promise<string> {
  try {
    return await life.create(signal);
  } catch (error) {
    if (signal.aborted)
      await life
        .create(AbortSignal.timeout(cleanUpMs))
        .then((id) => life.delete(id, AbortSignal.timeout(cleanUpMs)))
        .catch(() => undefined);
    throw error;
  }
}

/** Tells of a session, works on it, and deletes it in every ending; one that cannot be deleted is a warning. */
export async function whileItLives<Result>(
  {
    id,
    reporter,
    life,
  }: { readonly id: string; readonly reporter: Reporter; readonly life: Pick<SessionLife, 'delete'> },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    reporter.session(id);
    return await work();
  } finally {
    // its own signal: the caller's may be what ended the work
    await life
      .delete(id, AbortSignal.timeout(cleanUpMs))
      .catch((error: unknown) =>
        reporter.warning(`Session ${id} could not be deleted and stays until it times out: ${String(error)}`),
      );
  }
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
