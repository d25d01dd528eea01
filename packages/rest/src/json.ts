import type { IncomingHttpHeaders } from 'node:http';
import { SessionError } from '@ovfkit/domain';
import { type Dispatcher, request } from 'undici';
import { placeOf, toSessionError } from './errors.ts';

/** An answer whose body was JSON; `body` is absent when there was none, or none that can be read. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface JsonRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON; nothing is sent when absent. */
  readonly body?: unknown;
  readonly agent: Dispatcher;
  readonly userAgent: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Answers of the session API are a few hundred KiB at most, those of vim25 a few MiB; what is longer than this is another server's. */
const maxAnswerSize = 64 * 1024 * 1024;

/**
 * Sends one request and reads its answer, whatever its status.
 * @throws SessionError when no answer came; the signal's reason when it was aborted
 */
export async function sendJson({
  method,
  url,
  headers,
  body,
  agent,
  userAgent,
  timeoutMs,
  signal,
}: JsonRequest): Promise<Answer> {
  try {
    const response = await request(url, {
      method,
      dispatcher: agent,
      headers: {
        accept: 'application/json',
        'user-agent': userAgent,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const answer = {
      status: response.statusCode,
      headers: response.headers,
      body: await readJson(response.body, url),
    };
    if (isCutShort(answer)) throw cutShort(url);
    return answer;
  } catch (error) {
    signal?.throwIfAborted();
    throw toSessionError(error, url);
  }
}

/** A proxy that ends an answer early may make its length fit: what says it is JSON and is none was not all. */
const isCutShort = ({ status, headers, body }: Answer): boolean =>
  status < 300 &&
  body === undefined &&
  headerOf(headers, 'content-type')?.startsWith('application/json') === true &&
  headers['content-length'] !== undefined &&
  headers['content-length'] !== '0';

const cutShort = (url: URL): SessionError =>
  new SessionError(
    'RESOURCE_INACCESSIBLE',
    `The answer of ${placeOf(url)} ends in the middle. Try again; if it happens again, look at proxies between.`,
  );

/** The JSON of a body; nothing when it is empty or something else. */
export async function readJson(bytes: AsyncIterable<Uint8Array>, url: URL): Promise<unknown> {
  const whole = await readWhole(bytes, url);
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(whole));
    return value;
  } catch {
    return undefined;
  }
}

/**
 * An answer's whole body.
 * @throws SessionError INTERNAL_SERVER_ERROR when it is longer than any answer is
 */
export async function readWhole(bytes: AsyncIterable<Uint8Array>, url: URL): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bytes) {
    size += part.length;
    if (size > maxAnswerSize)
      throw new SessionError(
        'INTERNAL_SERVER_ERROR',
        `The answer of ${placeOf(url)} is longer than any that makes sense.`,
      );
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** One header's text; the first when there are several. */
export function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
