import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionError } from '@ovfkit/domain';
import { type Dialect, encodeError } from '@ovfkit/domain/wire';
import type { FastifyReply } from 'fastify';
import { createPace } from './pace.ts';

/** What goes back to a client. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent for none. */
  readonly body?: unknown;
}

const challenge = 'Basic realm="ovfkit"';

/** An error as an answer, in the form of the dialect (contract, section 1.4). */
export function errorAnswer(error: SessionError, dialect: Dialect): Answer {
  return { ...encodeError(error, dialect), headers: headersOf(error) };
}

function headersOf({ kind }: SessionError): Readonly<Record<string, string>> {
  if (kind === 'UNAUTHENTICATED') return { 'WWW-Authenticate': challenge };
  return kind === 'SERVICE_UNAVAILABLE' ? { 'Retry-After': '1' } : {};
}

/** Paths that are of neither dialect get the older form, as a vCenter's do. */
export const dialectOf = (path: string): Dialect => (/^\/api(\/|$)/.test(path) ? 'api' : 'rest');

/** An operation or path that is not served. */
export const unknownPath = (method: string, path: string): SessionError =>
  new SessionError('OPERATION_NOT_FOUND', `There is no operation ${method} ${path}.`);

// A client may still be sending when it is refused. Enough to let small requests end and the answer be read.
const refusedBody = { bytes: 1024 * 1024, forMs: 1_000 };
// After a success the client is owed its whole upload (contract, section 11.3); silence or dawdling ends it.
const acceptedBody = { bytes: Number.POSITIVE_INFINITY, forMs: 30_000 };
const acceptedPace = { stallTimeoutMs: 30_000, minimumRate: 1024, totalMs: 24 * 3_600_000 };

/**
 * Sends an answer. When the request's body was not read to its end, the answer goes out at once and the connection ends
 * only after the rest was taken and dropped: closing with unread bytes resets the connection, and then clients lose the
 * answer too.
 */
export function sendAnswer(reply: FastifyReply, answer: Answer): void {
  const { status, headers = {}, body } = answer;
  const isWithout = status === 204 || status === 304;
  const payload = body === undefined || isWithout ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body));
  const all = {
    ...(payload.length === 0 ? {} : { 'Content-Type': 'application/json' }),
    ...(isWithout ? {} : { 'Content-Length': String(payload.length) }),
    ...headers,
  };
  if (isWholeRequestRead(reply.request.raw)) {
    void reply.code(status).headers(all);
    void reply.send(isWithout ? undefined : payload);
    return;
  }
  reply.hijack();
  const { raw } = reply;
  if (raw.destroyed) return;
  raw.writeHead(status, { ...all, Connection: 'close' });
  // flushed even without a body: the headers alone are the answer then
  if (payload.length === 0) raw.flushHeaders();
  else raw.write(payload);
  const { bytes, forMs } = status < 300 ? acceptedBody : refusedBody;
  discard({ request: reply.request.raw, response: raw, bytes, forMs, isRenewed: status < 300 });
}

function isWholeRequestRead(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) > 0);
  return !hasBody || request.readableEnded || (request.complete && request.readableLength === 0);
}

interface Discarded {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bytes: number;
  readonly forMs: number;
  /** Each chunk starts the time anew. */
  readonly isRenewed: boolean;
}

function discard({ request, response, bytes, forMs, isRenewed }: Discarded): void {
  let left = bytes;
  const end = () => {
    clearTimeout(timer);
    request.off('data', take);
    response.end();
  };
  const pace = createPace(acceptedPace);
  let lastAt = performance.now();
  const isFastEnough = (chunk: Uint8Array): boolean => {
    try {
      pace.moved(chunk.length, performance.now() - lastAt);
      lastAt = performance.now();
      return true;
    } catch {
      return false;
    }
  };
  const take = (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0 || !isFastEnough(chunk)) end();
    else if (isRenewed) timer.refresh();
  };
  const timer = setTimeout(end, forMs);
  request.on('data', take).once('end', end).once('close', end).once('error', end).resume();
}
