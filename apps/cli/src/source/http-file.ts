import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { ByteRange, RandomAccess } from '@ovfkit/package-format';
import { CliError } from '../errors.ts';
import { redactUrl } from './url.ts';

/** How to reach a server of packages. */
export interface HttpOptions {
  readonly signal: AbortSignal;
  /** Path of a certificate authority in PEM, in place of the system's. */
  readonly ca?: string | undefined;
}

/** A file at a server. `whole` is set when the server gives no ranges: the body of the one answer there is. */
export interface HttpFile extends RandomAccess {
  /** After redirects. */
  readonly url: URL;
  readonly whole?: AsyncIterable<Uint8Array> | undefined;
  /** Ends the connections. */
  close(): void;
}

const maxRedirects = 5;
const maxAttempts = 4;
/** Headers of an archive lie far apart: each small read brings its surroundings with it. */
const windowSize = 64 * 1024;
const mostWindows = 64;
const silenceMs = 60_000;

interface Client {
  get(url: URL, headers: Readonly<Record<string, string>>): Promise<{ response: IncomingMessage; url: URL }>;
  close(): void;
}

function authorizationOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

async function createClient({ signal, ca }: HttpOptions): Promise<Client> {
  const authority = ca === undefined ? undefined : await readFile(ca);
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true, ca: authority }),
  };
  const once = (url: URL, headers: Readonly<Record<string, string>>): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const all = { ...authorizationOf(url), ...headers, 'accept-encoding': 'identity' };
      const request =
        url.protocol === 'https:'
          ? requestHttps(url, { agent: agents.https, headers: all, signal })
          : requestHttp(url, { agent: agents.http, headers: all, signal });
      request.setTimeout(silenceMs, () => request.destroy(silence(url)));
      request.on('error', reject);
      request.on('response', resolve);
      request.end();
    });
  return {
    async get(start, headers) {
      let url = start;
      for (let hops = 0; hops <= maxRedirects; hops += 1) {
        const response = await once(url, headers);
        const { statusCode = 0, headers: answered } = response;
        if (statusCode < 300 || statusCode >= 400 || answered.location === undefined) return { response, url };
        response.resume();
        url = new URL(answered.location, url);
        if (!/^https?:$/.test(url.protocol))
          throw new CliError('network', `${redactUrl(start)} leads to ${url.protocol}`);
      }
      throw new CliError('network', `${redactUrl(start)} redirects more than ${maxRedirects} times`);
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const silence = (url: URL): CliError => new CliError('timedOut', `${url.host} has sent nothing for a minute`);

function refused(url: URL, { statusCode, statusMessage }: IncomingMessage): CliError {
  return new CliError('network', `${redactUrl(url)} answered ${statusCode} ${statusMessage ?? ''}`.trimEnd(), {
    status: statusCode,
    hint: statusCode === 404 ? 'Check the address.' : undefined,
  });
}

/** `bytes 0-511/20480` gives 20480. */
function totalOf({ headers }: IncomingMessage): number | undefined {
  const total = Number(/\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
  return Number.isSafeInteger(total) ? total : undefined;
}

interface Remote {
  readonly client: Client;
  readonly url: URL;
  /** Names the version of the file; without one a change is told by its size only. */
  readonly tag: string | undefined;
  readonly size: number;
  readonly signal: AbortSignal;
}

/** One answer for a part of the file. The end of a range is included on the wire, and only here. */
async function requestRange({ client, url, tag, size }: Remote, { start, end }: ByteRange): Promise<IncomingMessage> {
  const { response } = await client.get(url, {
    range: `bytes=${start}-${end - 1}`,
    ...(tag === undefined ? {} : { 'if-range': tag }),
  });
  if (response.statusCode === 206 && totalOf(response) === size) return response;
  response.destroy();
  if (response.statusCode === 200 || response.statusCode === 206)
    throw new CliError('network', `${redactUrl(url)} changed while it was read`, { hint: 'Try again.' });
  throw refused(url, response);
}

/** A connection that breaks is taken up again where it broke. */
async function* readRemote(remote: Remote, range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  let at = range.start;
  for (let attempt = 1; at < range.end; attempt += 1) {
    try {
      for await (const chunk of await requestRange(remote, { start: at, end: range.end })) {
        at += chunk.length;
        attempt = 1;
        yield chunk;
      }
      if (at < range.end) throw new Error('the connection ended too early');
    } catch (error) {
      if (remote.signal.aborted || error instanceof CliError || attempt >= maxAttempts) throw error;
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

/**
 * Opens a file at a server by asking for its first bytes. It is then read in ranges, as far as the server gives any.
 * @throws CliError of the class network, and the system's errors
 */
export async function openHttpFile(address: URL, options: HttpOptions): Promise<HttpFile> {
  const client = await createClient(options);
  try {
    const { response, url } = await client.get(address, { range: `bytes=0-${windowSize - 1}` });
    const size = totalOf(response);
    const close = (): void => client.close();
    if (response.statusCode === 206 && size !== undefined) {
      const tag = response.headers.etag?.startsWith('W/') ? undefined : response.headers.etag;
      const remote: Remote = { client, url, tag, size, signal: options.signal };
      const source = { size, read: (range: ByteRange) => readRemote(remote, range) };
      return { ...withWindows(source, await readBody(response)), url, close };
    }
    if (response.statusCode !== 200) throw refused(url, response);
    const noRanges = (): never => {
      throw new CliError('network', `${redactUrl(url)} gives no ranges`);
    };
    return { size: Number(response.headers['content-length'] ?? 0), read: noRanges, url, whole: response, close };
  } catch (error) {
    client.close();
    throw error;
  }
}
