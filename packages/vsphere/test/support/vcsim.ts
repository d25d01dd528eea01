import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { peerCertificate } from '@ovfkit/rest';
import { buildGoProgram } from './go-program.ts';

/** A simulator that runs. */
export interface Vcsim {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Of its certificate, SHA-256. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** Starts a simulator that lives no longer than this process. Unless somebody has built it before, that takes its time. */
export async function startVcsim(args: readonly string[] = []): Promise<Vcsim> {
  const child = spawn(await buildGoProgram('vcsim'), args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [host] = await once(createInterface(child.stdout), 'line');
  return vcsimAt(`https://${host}`, async () => {
    const exit = once(child, 'exit');
    child.stdin.end();
    await exit;
  });
}

/** govmomi's own `vcsim` on the PATH, which may be newer than Debian's packages; nothing when there is none. */
export function vcsimOnPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'vcsim')).find((program) => existsSync(program));
}

/** Starts a `vcsim` that came with govmomi. */
export async function startOwnVcsim(program: string, args: readonly string[]): Promise<Vcsim> {
  const options = ['-l', '127.0.0.1:0', '-username', 'user', '-password', 'pass', ...args];
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  // export GOVC_URL=https://user:pass@127.0.0.1:8989/sdk GOVC_SIM_PID=1
  for await (const line of createInterface(child.stdout)) {
    const host = /GOVC_URL=https:\/\/(?:[^@\s]*@)?([^/\s]+)/.exec(line)?.[1];
    if (host === undefined) continue;
    child.stdout.resume(); // whatever else it says, it is not to wait for a reader
    return vcsimAt(`https://${host}`, async () => {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    });
  }
  throw new Error(`${program} did not say where it listens`);
}

async function vcsimAt(url: string, stop: () => Promise<void>): Promise<Vcsim> {
  const certificate = await peerCertificate(new URL(url));
  return { url, user: 'user', password: 'pass', thumbprint: certificate?.sha256 ?? '', stop };
}
