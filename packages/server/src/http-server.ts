import { X509Certificate } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { FastifyServerFactory } from 'fastify';

export interface TlsFiles {
  /** PEM. */
  readonly key: string;
  /** PEM, the server's own certificate first. */
  readonly cert: string;
}

const options: ServerOptions = {
  // 64 KiB, the default, halves the rate of large bodies
  highWaterMark: 1024 * 1024,
  noDelay: true,
  // an upload takes as long as it takes: a silent one is ended by its own stall timeout
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 65_000,
};

/** HTTP/1.1 only: HTTP/2 halves the rate of bulk bodies. */
export const serverFactory =
  (tls: TlsFiles | undefined): FastifyServerFactory =>
  (handler) => {
    const server = tls
      ? createSecureServer({ ...options, ...tls, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'] }, handler)
      : createServer(options, handler);
    return letHandlersContinue(server);
  };

/** `Expect: 100-continue` is answered when the body is wanted, so that a refusal comes before it. */
function letHandlersContinue(server: Server): Server {
  return server.on('checkContinue', (request, response) => server.emit('request', request, response));
}

/** SHA-1 of the certificate as upper-case hex pairs joined by colons (contract, section 12.4). */
export const thumbprintOf = ({ cert }: TlsFiles): string => new X509Certificate(cert).fingerprint;
