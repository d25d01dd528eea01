// A vCenter of our own with leases, from the tests' support, as a process with TLS: simulators that are not ours export nothing.
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exportMethods, offerOptions } from '../../../packages/vsphere/test/support/vim-server/export-methods.ts';
import { importMethods } from '../../../packages/vsphere/test/support/vim-server/import-methods.ts';
import { createNfcLeases } from '../../../packages/vsphere/test/support/vim-server/nfc-leases.ts';
import { sampleVcenter, startSampleVcenter } from '../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import { makeIdentity } from '../src/file-server.ts';

/** A server that keeps what it is sent in memory. */
export interface ServedVcenter {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** Of its certificate, SHA-256. */
  readonly thumbprint: string;
  stop(): Promise<void>;
}

/** Starts it in a process of its own. */
export async function startVcenter(): Promise<ServedVcenter> {
  const words = ['--conditions=@ovfkit/source', fileURLToPath(import.meta.url)];
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = await once(createInterface(child.stdout), 'line');
  const [url = '', thumbprint = ''] = String(said).split(' ');
  return {
    url,
    user: 'user',
    password: 'pass',
    thumbprint,
    async stop() {
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}

async function serve(): Promise<void> {
  const identity = await makeIdentity();
  const leases = createNfcLeases();
  const model = sampleVcenter();
  offerOptions(model);
  const methods = {
    ...importMethods(leases, { asked: [], errors: [], warnings: [], files: [] }),
    ...exportMethods(leases),
  };
  const server = await startSampleVcenter({ model, methods, identity });
  leases.listen(server);
  console.log(`${server.url} ${new X509Certificate(identity.cert).fingerprint256}`);
  await once(process.stdin.resume(), 'end');
  leases.expire();
  await server.close();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve();
