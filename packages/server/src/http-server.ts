import { X509Certificate } from 'node:crypto';
import type { Server, ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import type { FastifyServerFactory } from 'fastify';
import { limitConnections } from './connections.ts';
import type { ServerLimits } from './limits.ts';
import { createServer } from './node-http.ts';

export interface TlsFiles {
  /** PEM. */
  readonly key: string;
  /** PEM, the server's own certificate first. */
  readonly cert: string;
}

export interface HttpServerOptions {
  readonly tls?: TlsFiles | undefined;
  readonly limits: Required<ServerLimits>;
  readonly proxies: readonly string[];
}

/** HTTP/1.1, as HTTP/2 halves the rate of bulk bodies; ciphers whose traffic no later stolen key opens, and none without a seal. */
const tlsOnly = {
  minVersion: 'TLSv1.2',
  ciphers: 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:ECDHE+AESGCM:ECDHE+CHACHA20',
  ALPNProtocols: ['http/1.1'],
} as const satisfies TlsOptions;

/** Makes the server that fastify answers on, with its limits; over TLS when there is a certificate. */
export const serverFactory =
  ({ tls, limits, proxies }: HttpServerOptions): FastifyServerFactory =>
  (handler) => {
    const options = optionsFor(limits);
    const handshakeTimeout = limits.headerTimeoutMs;
    const server = tls
      ? createSecureServer({ ...options, ...tls, handshakeTimeout, ...tlsOnly }, handler)
      : createServer(options, handler);
    limitConnections(server, { total: limits.connections, perClient: limits.connectionsPerClient, proxies });
    return letHandlersContinue(server);
  };

const optionsFor = ({ headerSize, headerTimeoutMs }: Required<ServerLimits>): ServerOptions => ({
  // 64 KiB, the default, halves the rate of large bodies
  highWaterMark: 1024 * 1024,
  noDelay: true,
  // an upload takes as long as it takes: a slow one is ended by its own pace
  requestTimeout: 0,
  headersTimeout: headerTimeoutMs,
  connectionsCheckingInterval: Math.min(5_000, headerTimeoutMs / 2),
  keepAliveTimeout: 65_000,
  maxHeaderSize: headerSize,
});

/** `Expect: 100-continue` is answered when the body is wanted, so that a refusal comes before it. */
function letHandlersContinue(server: Server): Server {
  return server.on('checkContinue', (request, response) => server.emit('request', request, response));
}

/** SHA-1 of the certificate as upper-case hex pairs joined by colons (contract, section 12.4). */
export const thumbprintOf = ({ cert }: TlsFiles): string => new X509Certificate(cert).fingerprint;
