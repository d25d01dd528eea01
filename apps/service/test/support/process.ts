import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, onTestFinished } from 'vitest';

const app = fileURLToPath(new URL('../..', import.meta.url));
const tsdown = join(app, 'node_modules', 'tsdown', 'dist', 'run.mjs');

/** Bundles the service as a release does; resolves to the folder with the one file. */
export async function build(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkitd-build-'));
  await promisify(execFile)(process.execPath, [tsdown, '--out-dir', folder], { cwd: app });
  return folder;
}

// once per test file: the built file starts three times as fast as the source, and is what users run
let built: Promise<string> | undefined;
afterAll(async () => {
  if (built) await rm(await built, { recursive: true });
});
async function builtProgram(): Promise<readonly string[]> {
  built ??= build();
  return [join(await built, 'ovfkitd.mjs')];
}

export interface Running {
  /** What was printed so far. */
  readonly output: () => string;
  readonly log: () => string;
  /** As the line says that tells it listens. */
  readonly url: string;
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal; resolves to the exit code when the process is gone, null when the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Takes what is to be done at the end: of the test that runs, or by `afterAll` of its file. */
type Afterwards = (act: () => Promise<void> | void) => void;

export interface Started {
  /** Kills the process; `onTestFinished` when absent. */
  readonly afterwards?: Afterwards;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What Node.js runs; a fresh build when absent. */
  readonly program?: readonly string[];
  /** Standard input, which then ends. */
  readonly input?: string;
  /** What runs Node.js: a command that ends with running its arguments. */
  readonly within?: readonly string[];
  /** The input is typed at a terminal, and output and log are what it shows. */
  readonly atTerminal?: boolean;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(afterwards: Afterwards = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkitd-'));
  afterwards(() => rm(folder, { recursive: true }));
  return folder;
}

async function launch(started: Started) {
  const {
    argv,
    environment = {},
    program,
    input,
    within = [],
    atTerminal = false,
    afterwards = onTestFinished,
  } = started;
  const { PATH = '' } = process.env;
  const command = [...within, process.execPath, ...(program ?? (await builtProgram())), ...argv];
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const [file = '', ...args] = atTerminal ? ['script', '-qec', quoted, '/dev/null'] : command;
  const child = spawn(file, args, { env: { PATH, ...environment } });
  if (atTerminal) child.stdout.once('data', () => child.stdin.write(input));
  else child.stdin.end(input);
  afterwards(() => void child.kill('SIGKILL'));
  const texts = { output: '', log: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.log += text;
  });
  return { child, texts, exited: once(child, 'close') };
}

/** Starts the service; resolves when it listens. */
export async function start(started: Started): Promise<Running> {
  const { child, texts, exited } = await launch(started);
  const listening = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const url = /^ovfkitd listens on (\S+)/m.exec(texts.output)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = exited.then(([code]) => {
    throw new Error(`It ended with ${code} before it listened: ${texts.log}`);
  });
  const url = await Promise.race([listening, ended]);
  ended.catch(() => {}); // from now on the end is expected
  return {
    output: () => texts.output,
    log: () => texts.log,
    url,
    pid: child.pid ?? 0,
    signal: (signal) => void child.kill(signal),
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Runs the service until it ends by itself. */
export async function run(started: Started): Promise<{ code: number | null; output: string; log: string }> {
  const { texts, exited } = await launch(started);
  const [code] = await exited;
  return { code, ...texts };
}
