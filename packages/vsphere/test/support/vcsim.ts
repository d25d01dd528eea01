import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { peerCertificate } from '@ovfkit/rest';
import { buildGoProgram } from './go-program.ts';
import { simulatorVariable } from './installed.ts';

/** A simulator that runs. */
export interface Vcsim {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Of its certificate, SHA-256. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** What ours has of itself, as words for one that came with govmomi. */
const wordsForOther = '-l 127.0.0.1:0 -username user -password pass -stdinexit -pool 1 -nsx 1 -app 1'.split(' ');

/**
 * Starts the simulator of the run, which lives no longer than this process. Unless somebody has built it before, that
 * takes its time.
 */
export async function startVcsim(args: readonly string[] = []): Promise<Vcsim> {
  const other = process.env[simulatorVariable];
  const program = other ?? (await buildGoProgram('vcsim'));
  const words = other === undefined ? args : [...wordsForOther, ...args];
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const host = await hostTold(createInterface(child.stdout));
  if (host === undefined) throw new Error(`${program} did not say where it listens`);
  child.stdout.resume(); // whatever else it says, it is not to wait for a reader
  return vcsimAt(`https://${host}`, async () => {
    child.stdin.end();
    await exit;
  });
}

/** From `export GOVC_URL=https://user:pass@127.0.0.1:8989/sdk GOVC_SIM_PID=1`. */
async function hostTold(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const host = /GOVC_URL=https:\/\/(?:[^@\s]*@)?([^/\s]+)/.exec(line)?.[1];
    if (host !== undefined) return host;
  }
  return undefined;
}

async function vcsimAt(url: string, stop: () => Promise<void>): Promise<Vcsim> {
  const certificate = await peerCertificate(new URL(url));
  return { url, user: 'user', password: 'pass', thumbprint: certificate?.sha256 ?? '', stop };
}
