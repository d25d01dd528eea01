import { Readable } from 'node:stream';
import { request } from 'undici';
import { toSessionError } from './errors.ts';
import { readWhole } from './json.ts';
import { createServer, type ServerOptions } from './server.ts';

/** One request, as it goes out. */
export interface WireClientRequest {
  readonly method: string;
  /** Absolute; escapes in it stay as they are. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** One answer, as it came. */
export interface WireClientAnswer {
  readonly status: number;
  /** Names in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Sends requests as they are given. Whoever made it closes it. */
export interface WireClient {
  /**
   * Sends one request and reads its whole answer, whatever its status: no login, no retry, no redirect.
   * @throws SessionError when no answer came; the signal's reason
   */
  send(request: WireClientRequest): Promise<WireClientAnswer>;
  /** Drops every connection. */
  close(): Promise<void>;
}

export type WireClientOptions = Pick<ServerOptions, 'url'> & Partial<Omit<ServerOptions, 'url'>>;

/**
 * A client for those who look at the wire itself, such as a conformance suite, or speak another protocol than the session API. It trusts
 * whom the options name and sends nothing of its own but the user agent. Nothing is sent before the first call.
 * @throws SessionError INVALID_ARGUMENT when the URL or the thumbprint cannot be read
 */
export function createWireClient({
  stallTimeoutMs = 60_000,
  userAgent = 'ovfkit',
  ...options
}: WireClientOptions): WireClient {
  const server = createServer({ ...options, stallTimeoutMs, userAgent });
  return {
    async send({ method, url, headers, body = null, signal }) {
      const target = new URL(url);
      const { agent } = server.agentFor(target, undefined);
      try {
        const answer = await request(target, {
          method,
          dispatcher: agent,
          headers: { 'user-agent': userAgent, ...headers },
          body: body === null || typeof body === 'string' || body instanceof Uint8Array ? body : Readable.from(body),
          headersTimeout: stallTimeoutMs,
          bodyTimeout: stallTimeoutMs,
          ...(signal === undefined ? {} : { signal }),
        });
        return {
          status: answer.statusCode,
          headers: Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
          ),
          body: await readWhole(answer.body, target),
        };
      } catch (error) {
        signal?.throwIfAborted();
        throw toSessionError(error, target);
      }
    },
    close: () => server.close(),
  };
}
