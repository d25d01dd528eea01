import type { Context } from '../context.ts';
import { failureOf } from '../failure/failure-of.ts';
import type { Report } from './report.ts';

/** How a command tells what it does. */
export interface Reporting<Result> {
  readonly json?: true | undefined;
  run(report: Report): Promise<Result>;
  /** The keys of the last JSON line. */
  resultLine(result: Result): Readonly<Record<string, unknown>>;
  /** What a person reads at the end. */
  print(result: Result): void;
}

/**
 * Runs a command that takes its time under a view: bars, plain lines or JSON lines. Whatever happens, the view is closed
 * and with `json` the last line is the result.
 */
export async function reported<Result>(
  { output, signal }: Context,
  { json, run, resultLine, print }: Reporting<Result>,
): Promise<void> {
  if (json) {
    const lines = output.lines();
    try {
      lines.result({ status: 'succeeded', ...resultLine(await run(lines)) });
    } catch (error) {
      lines.result({ status: 'failed', failure: failureOf(signal.aborted ? signal.reason : error) });
      throw error;
    }
    return;
  }
  const view = output.view();
  try {
    const result = await run(view);
    view.close();
    print(result);
  } finally {
    view.close();
  }
}
