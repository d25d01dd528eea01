import type { Failure } from '../failure/failure.ts';
import type { Plan } from '../plan/plan.ts';

/** How a rule of the API stands. `missing` is what the target lacks; the rest is told of a broken one. */
interface TriedRule {
  readonly id: string;
  readonly section: string;
  readonly title: string;
  readonly status: 'passed' | 'failed' | 'notOffered';
  readonly missing?: readonly string[];
  readonly request?: string;
  readonly expected?: string;
  readonly got?: string;
}

/** What happens while a package moves, for whoever watches. Sizes are bytes. */
export type ReportEvent =
  | { readonly type: 'session'; readonly id: string }
  | { readonly type: 'state'; readonly state: string }
  | { readonly type: 'file'; readonly name: string; readonly transferred: number; readonly size?: number | undefined }
  | { readonly type: 'retry'; readonly name: string; readonly reason: string; readonly inMs: number }
  /** A rule that was tried, the `done`th of `total`. */
  | ({ readonly type: 'case'; readonly done: number; readonly total: number } & TriedRule)
  | ({ readonly type: 'plan' } & Plan)
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'information'; readonly message: string };

/** One way to show what happens. */
export interface Report {
  event(event: ReportEvent): void;
  /** Ends the view; lines may be printed again. Calling it again changes nothing. */
  close(): void;
}

/** How a command ended, as its last JSON line. */
export type ResultLine =
  | ({ readonly status: 'succeeded' } & Readonly<Record<string, unknown>>)
  | { readonly status: 'failed'; readonly failure: Failure };
