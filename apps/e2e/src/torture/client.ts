import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type Ended, runOvfkit } from '../ovfkit.ts';

/** What a command is given besides its arguments. */
export interface How {
  /** No more than so many files and connections are open in it at a time. */
  readonly files?: number | undefined;
  /** Path of what is piped to it. */
  readonly pipe?: string | undefined;
}

/** A command line whose commands may be killed, and are run again until they succeed. */
export interface Client {
  /** Kills the command that runs. */
  kill(): void;
  /** Runs a command to its end. */
  once(args: readonly string[], how?: How): Promise<Ended>;
  /** As often as it takes, within reason; resolves to how the last one ended. */
  untilItSucceeds(args: readonly string[], how?: How): Promise<Ended>;
  /** Of all it keeps between commands: journals, targets, passwords. */
  readonly home: string;
  /** How each command ended. */
  readonly log: readonly string[];
}

/** More attempts than there are faults in a plan: with nothing in its way a command has to succeed. */
const maxAttempts = 12;

/** Silence that either side puts up with: a run has others to meet. Longer than a machine under load is silent by itself. */
export const stallSeconds = 5;

/** The commands of one user, in a home of their own under `folder`. */
export function createClient(folder: string): Client {
  const home = join(folder, 'home');
  const env = { HOME: home, OVFKIT_PASSWORD: 'demo-password', OVFKIT_STALL_TIMEOUT: String(stallSeconds) };
  const log: string[] = [];
  let killing = new AbortController();
  async function once(args: readonly string[], { files, pipe }: How = {}): Promise<Ended> {
    killing = new AbortController();
    const input = pipe === undefined ? '' : createReadStream(pipe);
    const ended = await runOvfkit(args, {
      config: join(home, 'config'),
      env,
      killSignal: killing.signal,
      files,
      input,
    });
    const word = ended.exitCode === 0 ? 'succeeded' : killing.signal.aborted ? 'was killed' : 'failed';
    log.push(`${args[0]} ${word} (${ended.exitCode}): ${ended.stderr.trim()}`);
    return ended;
  }
  return {
    home,
    log,
    kill: () => killing.abort(),
    once,
    async untilItSucceeds(args, how) {
      for (let attempt = 1; ; attempt += 1) {
        const ended = await once(args, how);
        if (ended.exitCode === 0 || attempt === maxAttempts) return ended;
      }
    },
  };
}
