import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
  const url = `https://${host}`;
  const certificate = await peerCertificate(new URL(url));
  return {
    url,
    user: 'user',
    password: 'pass',
    thumbprint: certificate?.sha256 ?? '',
    async stop() {
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}
