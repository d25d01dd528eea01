import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ovfkitPath } from './programs.ts';

/** One line of `--json`. */
export interface JsonLine {
  readonly v: number;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** How a run of the command line ended. */
export interface Ended {
  /** 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** Folder of the stored targets and of imports that have begun. */
  readonly config: string;
  /** What it reads; nothing when absent. */
  readonly input?: string | Readable;
  readonly env?: Readonly<Record<string, string>>;
  /** Every line of stdout as it comes. */
  readonly onLine?: (line: string) => void;
  /** Asks the command to end as Ctrl-C does, or by another signal. */
  readonly signal?: AbortSignal;
  readonly by?: NodeJS.Signals;
  /** Ends it at once, as a power cut would. */
  readonly killSignal?: AbortSignal;
  readonly cwd?: string;
  /** Limit of open files of the process; that of this one when absent. */
  readonly files?: number | undefined;
}

/** Only what the command needs: settings of this machine must not decide how it behaves. */
function environment(config: string, env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, OVFKIT_CONFIG_DIR: config, OVFKIT_STATE_DIR: config, NO_COLOR: '1', ...env };
}

const limited = (files: number | undefined): readonly string[] =>
  files === undefined ? [] : ['prlimit', `--nofile=${files}:${files}`];

/** Runs the built command line. */
export async function runOvfkit(
  args: readonly string[],
  { config, input = '', env = {}, onLine, signal, by = 'SIGINT', killSignal, cwd, files }: RunOptions,
): Promise<Ended> {
  const [program = '', ...given] = [...limited(files), process.execPath, ovfkitPath, ...args];
  const child = spawn(program, given, { env: environment(config, env), cwd });
  const interrupt = (): void => {
    child.kill(by);
  };
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', interrupt);
  killSignal?.addEventListener('abort', kill);
  // a command that does not read its input closes it
  const fed = pipeline(Readable.from(input), child.stdin).catch(() => undefined);
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
  const closed = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    stdout.push(line);
    onLine?.(line);
  }
  await Promise.all([closed, fed]);
  signal?.removeEventListener('abort', interrupt);
  killSignal?.removeEventListener('abort', kill);
  return { exitCode: child.exitCode ?? 1, stdout: stdout.join('\n'), stderr: stderr.join('') };
}

/** The lines of `--json` output. @throws SyntaxError when one is no JSON */
export function jsonLines(stdout: string): readonly JsonLine[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
