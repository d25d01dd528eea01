import 'reflect-metadata'; // what @peculiar/x509 is built with wants it first
import { createHash, X509Certificate as NodeCertificate } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as x509 from '@peculiar/x509';

/** A server of the files of one folder, as an artifact store would have them. */
export interface FileServer {
  /** With a slash at its end. */
  readonly url: string;
  /** SHA-1 of the certificate, `AA:BB:…`; empty without TLS. */
  readonly thumbprint: string;
  /** PEM; empty without TLS. */
  readonly certificate: string;
  close(): Promise<void>;
}

interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** A certificate nobody trusts yet, which is what pinning is for. */
export async function makeIdentity(): Promise<Identity> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=files.demo',
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  });
  const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { key: x509.PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') };
}

/** The part that a `Range: bytes=a-b` asks for; all of it without one. */
function rangeOf(header: string | undefined, size: number): { readonly start: number; readonly end: number } {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined) return { start: 0, end: size };
  return { start: Number(first), end: last === '' ? size : Math.min(Number(last) + 1, size) };
}

async function answer(folder: string, { request, response }: { request: IncomingMessage; response: ServerResponse }) {
  const name = decodeURIComponent(new URL(request.url ?? '/', 'http://any').pathname).slice(1);
  const path = join(folder, name);
  const found = /[/\\]/.test(name) ? undefined : await stat(path).catch(() => undefined);
  if (found === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { size, mtimeMs } = found;
  const { start, end } = rangeOf(request.headers.range, size);
  const isPart = request.headers.range !== undefined;
  response.writeHead(isPart ? 206 : 200, {
    'Content-Length': end - start,
    'Accept-Ranges': 'bytes',
    ETag: `"${createHash('sha1').update(`${name}:${size}:${mtimeMs}`).digest('hex')}"`,
    ...(isPart ? { 'Content-Range': `bytes ${start}-${end - 1}/${size}` } : {}),
  });
  if (request.method === 'HEAD' || end === start) response.end();
  // the client may leave in the middle of a file: that is its right
  else await pipeline(createReadStream(path, { start, end: end - 1 }), response).catch(() => undefined);
}

/** Serves a folder on a free port of this machine, over TLS with a certificate of its own unless `plain`. */
export async function serveFolder(folder: string, scheme: 'https' | 'http' = 'https'): Promise<FileServer> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    answer(folder, { request, response }).catch(() => response.destroy());
  };
  const identity = scheme === 'https' ? await makeIdentity() : undefined;
  const server = identity === undefined ? createServer(handle) : createTlsServer(identity, handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // the one cast: a server that listens on a port has an address with one
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}/`,
    thumbprint: identity === undefined ? '' : new NodeCertificate(identity.cert).fingerprint,
    certificate: identity?.cert ?? '',
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
