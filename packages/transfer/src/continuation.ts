import type { ExportResult } from './export-run.ts';
import type { ImportResult } from './import-run.ts';
import type { FailedLife } from './session-life.ts';

/** What lets another process go on with a session: the caller writes down what it is told, and gives it again. */
export interface Continuation<Result = ImportResult> extends FailedLife {
  /** Names the session to be made, a UUID: the same token gives the same session. Write it down before anything begins. */
  readonly clientToken: string;
  /** A session to go on with, in whatever state it is; absent to make one. */
  readonly sessionId?: string | undefined;
  /** Told of a session before anything is sent to it. */
  onSession(id: string): Promise<void>;
  /** Told of the end before the session is deleted: afterwards nobody can ask what came of it. */
  onDone(result: Result): Promise<void>;
}

/** What lets another process go on with an export, and with what it has on disk. */
export interface ExportContinuation extends Continuation<ExportResult> {
  /** Told which files the sink is about to be given, as the sink knows them; a later sink is given them as begun. */
  onFiles(names: readonly string[]): Promise<void>;
}
