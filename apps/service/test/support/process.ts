import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const fromSource = ['--conditions=@ovfkit/source', main];

export interface Running {
  readonly child: ChildProcess;
  /** What was printed so far. */
  readonly output: () => string;
  readonly log: () => string;
  /** As the line says that tells it listens. */
  readonly url: string;
  /** Sends a signal; resolves to the exit code when the process is gone, null when the signal killed it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Started {
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What Node.js runs; our source when absent. */
  readonly program?: readonly string[];
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkitd-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function launch({ argv, environment = {}, program = fromSource }: Started) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [...program, ...argv], { env: { PATH, ...environment } });
  onTestFinished(() => void child.kill('SIGKILL'));
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
  const { child, texts, exited } = launch(started);
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
    child,
    output: () => texts.output,
    log: () => texts.log,
    url,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      const [code] = await exited;
      return code;
    },
  };
}

/** Runs the service until it ends by itself. */
export async function run(started: Started): Promise<{ code: number | null; output: string; log: string }> {
  const { texts, exited } = launch(started);
  const [code] = await exited;
  return { code, ...texts };
}
