import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { peerCertificate } from '@ovfkit/rest';

const source = fileURLToPath(new URL('vcsim', import.meta.url));
const cache = fileURLToPath(new URL('../../../../node_modules/.cache/ovfkit', import.meta.url));
/** Where Debian's golang-github-vmware-govmomi-dev puts its sources. */
const gopath = '/usr/share/gocode';

/**
 * Builds the simulator, unless an earlier run has.
 * @returns the program's path
 */
export async function buildVcsim(): Promise<string> {
  const text = await readFile(join(source, 'main.go'));
  const program = join(cache, `vcsim-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  if (existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const env = { ...process.env, GOPATH: gopath, GO111MODULE: 'off', GOFLAGS: '' };
  await promisify(execFile)('go', ['build', '-o', unfinished, '.'], { cwd: source, env });
  await rename(unfinished, program); // so that two builders do not hinder each other
  return program;
}

/** A simulator that runs. */
export interface Vcsim {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Of its certificate, SHA-256. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** Starts a simulator that lives no longer than this process. It needs {@link buildVcsim} to have been called once. */
export async function startVcsim(args: readonly string[] = []): Promise<Vcsim> {
  const child = spawn(await buildVcsim(), args, { stdio: ['pipe', 'pipe', 'inherit'] });
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
