import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, request as forward } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { onTestFinished } from 'vitest';

/** One request that passed. */
export interface Witnessed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly size: number;
  readonly sha256: string;
}

/**
 * Stands before a simulator and passes everything on: it sees which bytes really went there, which are thrown away there. Where a lease
 * names the simulator, its clients are told this instead.
 */
export interface Witness {
  readonly url: URL;
  readonly seen: readonly Witnessed[];
}

/** Speaks TLS when it is given an identity, in PEM. Ends with the test. */
export async function witness(
  target: string,
  identity?: { readonly key: string; readonly cert: string },
): Promise<Witness> {
  const seen: Witnessed[] = [];
  const pass = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    const hash = createHash('sha256');
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      size += chunk.length;
    });
    request.on('end', () => seen.push({ method, path: url, headers, size, sha256: hash.digest('hex') }));
    const onward = forward(`${target}${url}`, { method, headers, rejectUnauthorized: false }, (answer) => {
      void passBack(answer, response).catch(() => response.destroy());
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const passBack = async (answer: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { statusCode = 502, headers } = answer;
    if (!headers['content-type']?.startsWith('text/xml'))
      return pipeline(answer, response.writeHead(statusCode, headers));
    const text = (await readText(answer)).replaceAll(target, own.url.origin);
    const { 'transfer-encoding': _, ...others } = headers;
    response.writeHead(statusCode, { ...others, 'content-length': Buffer.byteLength(text) }).end(text);
  };
  const server = identity === undefined ? createServer(pass) : createTlsServer(identity, pass);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  // the one cast: a server that listens on TCP has an address of this shape
  const { port } = server.address() as AddressInfo;
  const own = { url: new URL(`${identity === undefined ? 'http' : 'https'}://127.0.0.1:${port}`), seen };
  return own;
}
