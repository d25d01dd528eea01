import { type ErrorKind, SessionError } from '@ovfkit/domain';

/** What a failed connection leaves in `SessionError.data`. */
export interface NetworkFailure {
  /** As the system or the HTTP client has it: `ECONNRESET`, `UND_ERR_SOCKET`. */
  readonly code: string;
  readonly host: string;
  readonly port: number;
}

interface Explanation {
  readonly kind: ErrorKind;
  readonly text: (place: string) => string;
}

const timedOut = (what: string): Explanation => ({
  kind: 'TIMED_OUT',
  text: (place) => `${place} ${what} in time. Check that the server is well and that no firewall drops the connection.`,
});
const broken: Explanation = {
  kind: 'RESOURCE_INACCESSIBLE',
  text: (place) =>
    `The connection to ${place} broke. Try again; if it breaks again, look at the server and at proxies between.`,
};
const unreachable: Explanation = {
  kind: 'RESOURCE_INACCESSIBLE',
  text: (place) => `There is no route to ${place}. Check the address, the network and the firewall.`,
};
const unresolved: Explanation = {
  kind: 'RESOURCE_INACCESSIBLE',
  text: (place) => `The host name of ${place} cannot be resolved. Check its spelling and the name server.`,
};

const explanations: ReadonlyMap<string, Explanation> = new Map([
  [
    'ECONNREFUSED',
    {
      kind: 'SERVICE_UNAVAILABLE',
      text: (place) => `Nothing listens at ${place}. Check host and port, and that the server runs.`,
    },
  ],
  ['ECONNRESET', broken],
  ['ECONNABORTED', broken],
  ['EPIPE', broken],
  ['UND_ERR_SOCKET', broken],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', broken],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', broken],
  ['ENOTFOUND', unresolved],
  ['EAI_AGAIN', unresolved],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['ETIMEDOUT', timedOut('did not accept a connection')],
  ['UND_ERR_CONNECT_TIMEOUT', timedOut('did not accept a connection')],
  ['UND_ERR_HEADERS_TIMEOUT', timedOut('did not answer')],
  ['UND_ERR_BODY_TIMEOUT', timedOut('did not finish its answer')],
]);

/** `host:port` of a URL, the scheme's port when it names none. */
export const placeOf = (url: URL): string => `${url.hostname}:${portOf(url)}`;

const portOf = (url: URL): number => Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port);

/**
 * Whatever the HTTP client, TLS or a socket threw, as a `SessionError` that names host and port and says what to do next.
 * `data` is a `NetworkFailure`, `cause` the original.
 */
export function toSessionError(error: unknown, url: URL): SessionError {
  const known = findInCauses(error, (each) => (each instanceof SessionError ? each : undefined));
  if (known) return known;
  const code = findInCauses(error, codeOf) ?? 'UNKNOWN';
  const { kind, text } = explanations.get(code) ?? explainUnknown(code, error);
  const failure: NetworkFailure = { code, host: url.hostname, port: portOf(url) };
  return new SessionError(kind, text(placeOf(url)), { cause: error, data: failure });
}

/** What OpenSSL says of an answer that is no TLS at all. */
const plainCodes: ReadonlySet<string> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_HTTP_REQUEST',
]);

function explainUnknown(code: string, error: unknown): Explanation {
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS'))
    return {
      kind: 'RESOURCE_INACCESSIBLE',
      text: (place) =>
        plainCodes.has(code)
          ? `${place} does not speak TLS: use http:// in place of https://, or check the port.`
          : `${place} does not speak TLS as expected (${code}). Check the port, and whether it is http.`,
    };
  if (code.startsWith('HPE_'))
    return {
      kind: 'RESOURCE_INACCESSIBLE',
      text: (place) => `${place} does not speak HTTP as expected (${code}). Check the port, and whether it is https.`,
    };
  return { kind: 'RESOURCE_INACCESSIBLE', text: (place) => `The request to ${place} failed: ${reason} (${code}).` };
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Looks through `cause` and through the members of aggregates, which Node makes of several addresses of one host. */
function findInCauses<Found>(error: unknown, find: (each: unknown) => Found | undefined): Found | undefined {
  const found = find(error);
  if (found !== undefined) return found;
  if (error instanceof AggregateError)
    for (const each of error.errors) {
      const inside = findInCauses(each, find);
      if (inside !== undefined) return inside;
    }
  return error instanceof Error && error.cause !== undefined ? findInCauses(error.cause, find) : undefined;
}
