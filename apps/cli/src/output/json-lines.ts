import type { Report, ResultLine } from './report.ts';

/** Version of the lines; it grows when a line of an older reader would be misread. */
const lineVersion = 1;

export interface JsonLines extends Report {
  /** The last line. */
  result(result: ResultLine): void;
}

/** Every event as one line of JSON; at most four a second of each file, and its last. */
export function createJsonLines(write: (text: string) => void, now: () => number = Date.now): JsonLines {
  const shownAt = new Map<string, number>();
  const line = (object: object): void => write(`${JSON.stringify({ v: lineVersion, ...object })}\n`);
  return {
    event: (event) => {
      if (event.type === 'file') {
        const isLast = event.transferred === event.size;
        if (!isLast && now() - (shownAt.get(event.name) ?? 0) < 250) return;
        shownAt.set(event.name, now());
      }
      line(event);
    },
    result: (result) => {
      if (result.status === 'succeeded') return line({ type: 'result', ...result });
      const { exitCode, code, message, details, hint } = result.failure;
      line({ type: 'result', status: 'failed', exitCode, error: { code, message, details, hint } });
    },
    close: () => {},
  };
}
