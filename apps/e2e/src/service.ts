import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ovfkitdPath } from './programs.ts';

/** A running ovfkitd. */
export interface Service {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** SHA-256 thumbprint, as it printed it. */
  readonly thumbprint: string;
  /** Path of its certificate, PEM. */
  readonly certificate: string;
  readonly pid: number;
  /** Asks it to end; resolves to its exit code. @throws Error with the end of its log when it had ended by itself */
  stop(): Promise<number | null>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
}

interface Options {
  /** Data folder. */
  readonly data: string;
  /** 0 for any free one. */
  readonly port?: number;
  readonly password?: string;
  /** Further flags. */
  readonly flags?: readonly string[];
  /** Further variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const startTimeoutMs = 60_000; // a machine under load starts slowly
/** Of the log, for a service that ends by itself. */
const keptLines = 50;

/** The line that says where it listens. @throws Error with what it printed, when it ends before */
async function listening(child: ChildProcess, seen: string[]): Promise<string> {
  const signal = AbortSignal.timeout(startTimeoutMs);
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error(`ovfkitd ended at once:\n${seen.join('')}`);
  });
  const found = (async () => {
    if (child.stdout === null) throw new Error('ovfkitd has no output');
    for await (const line of createInterface({ input: child.stdout })) {
      seen.push(`${line}\n`);
      if (line.includes('listens on')) return line;
    }
    throw new Error(`ovfkitd did not say where it listens:\n${seen.join('')}`);
  })();
  ended.catch(() => undefined); // its end later on is no error
  const line = await Promise.race([found, ended]);
  child.stdout?.resume();
  return line;
}

/** Starts the built service over TLS and waits until it listens. */
export async function startService({
  data,
  port = 0,
  password = 'demo-password',
  flags = [],
  env = {},
}: Options): Promise<Service> {
  const child = spawn(process.execPath, [ovfkitdPath, '--data', data, '--listen', `127.0.0.1:${port}`, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, OVFKITD_ADMIN_PASSWORD: password, ...env },
  });
  const exited = once(child, 'exit');
  const seen: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    seen.push(chunk.toString());
    if (seen.length > keptLines) seen.shift();
  });
  const line = await listening(child, seen);
  const [, url] = /listens on (\S+)/.exec(line) ?? [];
  const [, thumbprint] = /SHA-256 thumbprint ([0-9A-Fa-f:]+)/.exec(line) ?? [];
  if (url === undefined || thumbprint === undefined || child.pid === undefined)
    throw new Error(`ovfkitd printed no address or thumbprint: ${line}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (isOver && child.exitCode !== 0)
      throw new Error(`ovfkitd had ended by itself (${child.exitCode ?? child.signalCode}):\n${seen.join('')}`);
    child.kill(signal);
    await exited;
    return child.exitCode;
  };
  return {
    url,
    user: 'admin',
    password,
    thumbprint,
    certificate: join(data, 'tls/cert.pem'),
    pid: child.pid,
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
  };
}
