import { X509Certificate } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { KeyAndCertificate } from './certificate.ts';
import { ConfigError } from './config.ts';
import type { Config } from './settings.ts';

// DATA/tls/key.pem, DATA/tls/cert.pem: made on first start, kept for ever, because clients pin them

/** The configured key and certificate, or our own. @throws ConfigError when the configured ones cannot be read */
export async function loadTls({ data, tls, listen }: Config): Promise<KeyAndCertificate> {
  if (tls) return { cert: await readSetting('tls.cert', tls.cert), key: await readSetting('tls.key', tls.key) };
  const folder = join(data, 'tls');
  const paths = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  const [key, cert] = await Promise.all([readIfThere(paths.key), readIfThere(paths.cert)]);
  if (key !== undefined && cert !== undefined) return { key, cert };
  // loaded only when it is needed: it takes a fifth of a second
  const { makeCertificate } = await import('./certificate.ts');
  const made = await makeCertificate(['localhost', '127.0.0.1', '::1', hostname(), listen.host]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeDurably(paths.key, made.key);
  await writeDurably(paths.cert, made.cert);
  return made;
}

async function readSetting(key: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${key}: ${cause instanceof Error ? cause.message : path}`, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

// a start that is killed in between leaves no half file, and the next one makes both anew
async function writeDurably(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}

/** Both thumbprints as upper-case hex pairs joined by colons. */
export function thumbprints(cert: string): { readonly sha1: string; readonly sha256: string } {
  const { fingerprint, fingerprint256 } = new X509Certificate(cert);
  return { sha1: fingerprint, sha256: fingerprint256 };
}
