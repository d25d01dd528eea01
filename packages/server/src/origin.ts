import type { FastifyRequest } from 'fastify';

// example.com   example.com:8443   127.0.0.1:80   [::1]:8443
const hostPattern = /^(?:[a-z\d._-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The base URL of this server as the client of a request knows it: the configured one, else by its `Host`. A client that
 * sends none, or something else than a host, gets the address it connected to.
 */
export function originOf(baseUrl: string | undefined, request: FastifyRequest): string {
  if (baseUrl !== undefined) return baseUrl.replace(/\/+$/, '');
  const { host } = request.headers;
  if (host !== undefined && hostPattern.test(host)) return `${request.protocol}://${host}`;
  const { localAddress = 'localhost', localPort } = request.raw.socket;
  return `${request.protocol}://${hostOf(localAddress)}:${localPort}`;
}

/** An address as it stands in a URL. */
export const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address);
