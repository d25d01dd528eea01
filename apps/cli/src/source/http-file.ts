import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteRange, RandomAccess } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import { type Client, createClient, type HttpOptions } from './http-client.ts';
import { redactUrl } from './url.ts';

/** A file at a server. `whole` is set when the server gives no ranges: then the file goes by, and what is read again is fetched again. */
export interface HttpFile extends RandomAccess {
  /** After redirects. */
  readonly url: URL;
  /** Another one when the file is, as far as the server tells. */
  readonly version: string;
  readonly whole?: AsyncIterable<Uint8Array> | undefined;
  /** What the server did to the bytes, though nobody asked for it: `gzip`. */
  readonly encoding?: string | undefined;
  /** Ends the connections. */
  close(): void;
}

/** With the pauses between them about a minute: a server that is started anew has it. */
const maxAttempts = 12;
const firstPauseMs = 250;
const longestPauseMs = 8000;
/** Answers of servers that may have another one soon. */
const passingStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Headers of an archive lie far apart: each small read brings its surroundings with it. */
const windowSize = 64 * 1024;
const mostWindows = 64;

/** What to do about answers of servers; 403 is also how those of signed addresses say that their time is over. */
const hints: Readonly<Record<number, string>> = {
  401: 'Give user and password in the address, https://user:password@host/….',
  403: 'Check that the address may be read. One that is signed is good for a time only: give a fresh one.',
  404: 'Check the address.',
  410: 'Check the address.',
};

function refused(url: URL, { statusCode = 0, statusMessage }: IncomingMessage): CliError {
  return new CliError('network', `${redactUrl(url)} answered ${statusCode} ${statusMessage ?? ''}`.trimEnd(), {
    status: statusCode,
    isPassing: true,
    hint: hints[statusCode] ?? 'Look at that server, and try again.',
  });
}

/** What broke too often in a row to be waited for any longer. */
function away(url: URL, cause: unknown): unknown {
  if (cause instanceof CliError || !(cause instanceof Error)) return cause;
  return new CliError('network', `${redactUrl(url)} cannot be read: ${cause.message}`, {
    isPassing: true,
    hint: 'Check the address and the network.',
    cause,
  });
}

/** `bytes 0-511/20480` gives 20480. */
function totalOf({ headers }: IncomingMessage): number | undefined {
  const total = Number(/\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : undefined;
}

interface Remote {
  readonly client: Client;
  /** As it was asked for: where it leads to may be signed for a short time only. */
  readonly address: URL;
  /** Names the version of the file; without one a change is told by its size only. */
  readonly tag: string | undefined;
  /** Absent while unknown. */
  readonly size: number | undefined;
  readonly options: HttpOptions;
  /** From a byte on, at least up to `end`. */
  open(part: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** Said of each break. */
  readonly howToGoOn: string;
}

const tagOf = ({ headers: { etag } }: IncomingMessage): string | undefined =>
  etag?.startsWith('W/') ? undefined : etag;

const versionOf = (response: IncomingMessage, size: number | undefined): string =>
  JSON.stringify([tagOf(response) ?? response.headers['last-modified'] ?? null, size ?? null]);

const changed = (url: URL): CliError =>
  new CliError('network', `${redactUrl(url)} changed while it was read`, { hint: 'Try again.' });

type Version = Pick<Remote, 'client' | 'address' | 'tag' | 'size'>;

/** One answer for a part of the file. The end of a range is included on the wire, and only here. */
async function requestRange(
  { client, address, tag, size }: Version,
  { start, end }: ByteRange,
): Promise<AsyncIterable<Uint8Array>> {
  const { response, url } = await client.get(address, {
    range: `bytes=${start}-${end - 1}`,
    ...(tag === undefined ? {} : { 'if-range': tag }),
  });
  if (response.statusCode === 206 && totalOf(response) === size) return response;
  response.destroy();
  throw response.statusCode === 200 || response.statusCode === 206 ? changed(address) : refused(url, response);
}

const lengthOf = ({ headers }: IncomingMessage): number | undefined =>
  headers['content-length'] === undefined ? undefined : Number(headers['content-length']);

/** The whole file once more, of which the beginning is dropped. */
async function requestAnew({ client, address, tag, size }: Version, start: number): Promise<AsyncIterable<Uint8Array>> {
  const { response, url } = await client.get(address, {});
  if (response.statusCode === 200 && tagOf(response) === tag && lengthOf(response) === size)
    return behind(response, start);
  response.destroy();
  throw response.statusCode === 200 ? changed(address) : refused(url, response);
}

async function* behind(bytes: AsyncIterable<Uint8Array>, start: number): AsyncGenerator<Uint8Array, void, undefined> {
  let at = 0;
  for await (const chunk of bytes) {
    const fresh = chunk.subarray(Math.min(chunk.length, Math.max(0, start - at)));
    at += chunk.length;
    if (fresh.length > 0) yield fresh;
  }
}

const isPassing = (error: unknown): boolean =>
  !(error instanceof CliError) || error.exitClass === 'timedOut' || passingStatuses.has(error.status ?? 0);

/** A connection that breaks is taken up again where it broke. */
async function* readRemote(remote: Remote, range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  const { address, size, options, howToGoOn } = remote;
  let at = range.start;
  for (let attempt = 1; at < range.end; attempt += 1) {
    try {
      for await (const chunk of await remote.open({ start: at, end: range.end })) {
        const wanted = chunk.subarray(0, range.end - at);
        at += wanted.length;
        attempt = 1;
        yield wanted;
        if (at >= range.end) return;
      }
      if (size === undefined) return;
      throw new Error('the connection ended too early');
    } catch (error) {
      options.signal.throwIfAborted();
      if (!isPassing(error) || attempt >= maxAttempts) throw away(address, error);
      const inMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
      const message = error instanceof Error ? error.message : String(error);
      options.onRetry?.({ name: redactUrl(address), reason: `${message}; ${howToGoOn}`, inMs });
      await sleep(inMs, undefined, { signal: options.signal });
    }
  }
}

/** Keeps what small reads brought with them: neighbouring ones are one request, and what a large one finds there is not fetched again. */
function withWindows(source: RandomAccess, first: Uint8Array): RandomAccess {
  const windows = [{ start: 0, bytes: first }];
  const partOf = ({ start: at, end }: ByteRange): Uint8Array | undefined => {
    const window = windows.find(({ start, bytes }) => start <= at && at < start + bytes.length);
    return window?.bytes.slice(at - window.start, end - window.start);
  };
  return {
    size: source.size,
    async *read({ start, end }) {
      for (let at = start; at < end; ) {
        const part = partOf({ start: at, end });
        if (part !== undefined) {
          at += part.length;
          yield part;
        } else if (end - at > windowSize) {
          return yield* source.read({ start: at, end });
        } else {
          const parts: Uint8Array[] = [];
          const window = { start: at, end: Math.min(source.size, at + windowSize) };
          for await (const each of source.read(window)) parts.push(each);
          windows.push({ start: at, bytes: Buffer.concat(parts) });
          if (windows.length > mostWindows) windows.shift();
        }
      }
    },
  };
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return Buffer.concat(parts);
}

/** A server that gives no ranges has begun to give the whole file. */
function openWhole(
  remote: Version & Pick<Remote, 'options'>,
  first: IncomingMessage,
): Omit<HttpFile, 'url' | 'version' | 'close'> {
  let pending: IncomingMessage | undefined = first;
  const open = async ({ start }: ByteRange): Promise<AsyncIterable<Uint8Array>> => {
    const answer = pending;
    pending = undefined;
    return answer === undefined ? requestAnew(remote, start) : behind(answer, start);
  };
  const howToGoOn = 'the server gives no ranges, so the file is fetched anew from its beginning';
  const source: Remote = { ...remote, open, howToGoOn };
  const { size } = remote;
  const read = (range: ByteRange) => readRemote(source, range);
  return { size: size ?? 0, read, whole: read({ start: 0, end: size ?? Number.MAX_SAFE_INTEGER }) };
}

/** An empty file has no range, and servers say so of the first; asked for as a whole it is given. */
async function askFirst(
  client: Client,
  { address, signal }: { readonly address: URL; readonly signal: AbortSignal },
): Promise<Awaited<ReturnType<Client['get']>>> {
  const first = await client.get(address, { range: `bytes=0-${windowSize - 1}` }).catch(async (error: unknown) => {
    if (signal.aborted || error instanceof CliError) throw error;
    const { tlsInstead, toSessionError } = await import('@ovfkit/rest');
    throw away(address, (await tlsInstead(address)) ?? toSessionError(error, address));
  });
  if (first.response.statusCode === 400) {
    const { tlsInstead } = await import('@ovfkit/rest');
    const tls = await tlsInstead(first.url);
    if (tls !== undefined) throw away(address, tls);
  }
  if (first.response.statusCode !== 416) return first;
  first.response.resume();
  return client.get(address, {});
}

/**
 * Opens a file at a server by asking for its first bytes. It is then read in ranges, as far as the server gives any. Servers that refuse
 * HEAD, as those of signed addresses do, are asked nothing of the kind.
 * @throws CliError of the class network, and the system's errors
 */
export async function openHttpFile(address: URL, options: HttpOptions): Promise<HttpFile> {
  const client = await createClient(options);
  try {
    const { response, url } = await askFirst(client, { address, signal: options.signal });
    const size = totalOf(response);
    const close = (): void => client.close();
    const encoding = response.headers['content-encoding'];
    const version = { client, address, tag: tagOf(response), options };
    if (response.statusCode === 206 && size !== undefined) {
      const known = { ...version, size };
      const remote: Remote = {
        ...known,
        open: (range) => requestRange(known, range),
        howToGoOn: 'it goes on from there',
      };
      const source = { size, read: (range: ByteRange) => readRemote(remote, range) };
      return {
        ...withWindows(source, await readBody(response)),
        url,
        version: versionOf(response, size),
        encoding,
        close,
      };
    }
    if (response.statusCode !== 200) throw refused(url, response);
    const whole = { ...version, size: lengthOf(response) };
    return { ...openWhole(whole, response), url, version: versionOf(response, whole.size), encoding, close };
  } catch (error) {
    client.close();
    throw error;
  }
}
