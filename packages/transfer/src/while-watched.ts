import { type ImportRun, isDone } from './import-run.ts';
import { keepAlive } from './keep-alive.ts';
import { together } from './together.ts';

const keepAliveMs = 15_000;

/** Watches the session while files are sent, and keeps it alive; a session that fails stops the files. */
export async function whileWatched(run: ImportRun, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { backend, id, reporter } = run;
  const sent = new AbortController();
  await together(
    [
      async (signal) => {
        await send(signal);
        sent.abort();
      },
      async (signal) => {
        const own = AbortSignal.any([signal, sent.signal]);
        await run.until(isDone, own).catch((error: unknown) => {
          if (!sent.signal.aborted) throw error;
        });
      },
      (signal) =>
        keepAlive(() => backend.importSession.progress({ id, percent: reporter.percent() }, { signal }), {
          everyMs: keepAliveMs,
          signal: AbortSignal.any([signal, sent.signal]),
        }),
    ],
    run.signal,
  );
}
