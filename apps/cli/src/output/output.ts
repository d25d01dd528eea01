import type { Failure } from '../failure/failure.ts';
import { printable } from './format.ts';
import { createJsonLines, type JsonLines } from './json-lines.ts';
import { createLiveView } from './live-view.ts';
import { createPlainView } from './plain-view.ts';
import type { Report } from './report.ts';
import { type Style, styleFor } from './style.ts';

/** Where a command writes: results to stdout, everything about the way there to stderr. */
export interface Output {
  readonly style: Style;
  readonly errorStyle: Style;
  /** Columns to fill with results: those of the terminal, or COLUMNS; undefined for as many as it takes. */
  readonly width: number | undefined;
  /** A line of the result. */
  line(text?: string): void;
  /** A line about the way there. */
  note(text: string): void;
  json(value: unknown): void;
  /** The view for a person or for a pipe. */
  view(): Report;
  lines(): JsonLines;
  failure(failure: Failure): void;
}

/** A reader that went away (`ovfkit … | head`), or a terminal that closed, is no reason to drop an import half-way; the rest goes nowhere. */
function writerTo(stream: NodeJS.WriteStream): (text: string) => void {
  let isGone = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    isGone = true;
  });
  return (text) => {
    if (!isGone) stream.write(text);
  };
}

function failureLines({ message, details, hint }: Failure, style: Style): readonly string[] {
  return [
    `${style('red', 'error:')} ${printable(message)}`,
    ...details.map((detail) => `  ${printable(detail)}`),
    ...(hint === undefined ? [] : [`${style('cyan', 'next:')} ${printable(hint)}`]),
  ];
}

/** COLUMNS, as shells and `stty` users set it, for what goes through a pipe. */
function columnsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}

/** The output of a process. */
export function createOutput({
  stdout,
  stderr,
  env,
}: {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}): Output {
  const out = writerTo(stdout);
  const err = writerTo(stderr);
  const style = styleFor(stdout);
  const errorStyle = styleFor(stderr);
  const screen = {
    get columns() {
      return stderr.columns > 0 ? stderr.columns : 80; // a terminal that nobody gave a size has 0 by 0
    },
    get rows() {
      return stderr.rows > 0 ? stderr.rows : 24;
    },
    write: err,
  };
  return {
    style,
    errorStyle,
    width: stdout.columns > 0 ? stdout.columns : columnsOf(env['COLUMNS']),
    line: (text = '') => out(`${text}\n`),
    note: (text) => err(`${text}\n`),
    json: (value) => out(`${JSON.stringify(value, null, 2)}\n`),
    view: () => (stderr.isTTY ? createLiveView(screen, errorStyle) : createPlainView(err)),
    lines: () => createJsonLines(out),
    failure: (failure) => {
      for (const line of failureLines(failure, errorStyle)) err(`${line}\n`);
    },
  };
}
