import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

/** Makes `key.pem` and `cert.pem` in the folder, for a peer that speaks TLS. */
export async function makeCertificate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const key = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  spawnSync('openssl', [...key, '-subj', '/CN=bench', '-keyout', 'key.pem', '-out', 'cert.pem'], {
    cwd: folder,
    stdio: 'ignore',
  });
}
