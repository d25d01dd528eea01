import type { IncomingHttpHeaders } from 'node:http';
import { type CallOptions, type ChunkMemory, type Download, SessionError, type Wanted } from '@ovfkit/domain';
import { decodeError } from '@ovfkit/domain/wire';
import { type Dispatcher, request } from 'undici';
import type { Client } from './client.ts';
import { placeOf, toSessionError } from './errors.ts';
import { type FileTarget, locateFile } from './file-url.ts';
import { gathered } from './gathered.ts';
import { cut, readContentRange, strongEtag, writeRange } from './http-range.ts';
import { headerOf, readJson } from './json.ts';
import { createStallGuard, type StallGuard } from './stall-guard.ts';

interface DownloadContext {
  readonly client: Client;
  readonly options: CallOptions;
}

/**
 * A file, or a range of it, by GET; `If-Range` ties a range to the version it is to be of. A server that ignores ranges gives all, and
 * what was not asked for is dropped here.
 */
export async function download(context: DownloadContext, { file, ...wanted }: Wanted): Promise<Download> {
  const { client, options } = context;
  const { range } = wanted;
  if (range !== undefined && range.end === range.start)
    return { bytes: nothing(), ...(file.size ? { size: file.size } : {}) };
  const target = await locateFile(client, { file, signal: options.signal });
  const first = await open(context, { target, wanted });
  if (first.response.statusCode !== 401 || target.token === undefined)
    return describe({ ...first, wanted, url: target.url });
  await first.response.body.dump();
  await client.login.renew(target.token, options.signal);
  const again = await locateFile(client, { file, signal: options.signal });
  return describe({ ...(await open(context, { target: again, wanted })), wanted, url: target.url });
}

type Part = Pick<Wanted, 'range' | 'etag' | 'memory'>;

interface Opened {
  readonly response: Dispatcher.ResponseData;
  readonly guard: StallGuard;
}

const conditionsOf = ({ range, etag }: Part): Readonly<Record<string, string>> =>
  range === undefined ? {} : { range: writeRange(range), ...(etag === undefined ? {} : { 'if-range': etag }) };

async function open(
  { client, options }: DownloadContext,
  { target, wanted }: { readonly target: FileTarget; readonly wanted: Part },
): Promise<Opened> {
  const { url, agent, headers } = target;
  const guard = createStallGuard({ url, stallTimeoutMs: client.server.stallTimeoutMs, signal: options.signal });
  try {
    const response = await request(url, {
      method: 'GET',
      dispatcher: agent,
      headers: { ...headers, 'accept-encoding': 'identity', ...conditionsOf(wanted) },
      headersTimeout: 0, // the guard's
      bodyTimeout: 0,
      signal: guard.signal,
    });
    return { response, guard };
  } catch (error) {
    if (guard.signal.aborted) throw guard.signal.reason;
    throw toSessionError(error, url);
  }
}

async function describe({
  response,
  guard,
  wanted: { range, etag: version, memory },
  url,
}: Opened & { readonly wanted: Part; readonly url: URL }): Promise<Download> {
  const { statusCode: status, headers } = response;
  if (status === 416) {
    await response.body.dump();
    throw new SessionError(
      'INVALID_ARGUMENT',
      `Bytes ${range?.start} to ${range?.end} are beyond the end of the file.`,
    );
  }
  if (status >= 300) throw decodeError(status, await readJson(response.body, url));
  const part = status === 206 ? readContentRange(headerOf(headers, 'content-range')) : undefined;
  const size = part ? part.size : readSize(headers);
  const etag = strongEtag(headerOf(headers, 'etag'));
  // nobody wants the rest, nor to hear that it does not come
  const stop = () => void response.body.on('error', () => undefined).destroy();
  if (range !== undefined && version !== undefined && version !== etag) {
    stop();
    throw new SessionError(
      'CONCURRENT_CHANGE',
      `The file is another at ${placeOf(url)} than it was; download it anew.`,
    );
  }
  const offset = part?.start ?? 0;
  const wholeChunks = (into: ChunkMemory) =>
    gathered(response.body, {
      memory: into,
      skip: range && range.start - offset,
      size: sizeOf(range, size),
      guard,
      url,
    });
  const asTheyCome = () => {
    const body = guarded(response.body, { guard, url });
    return range === undefined ? body : cut(body, { offset, range });
  };
  return {
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    bytes: memory === undefined ? asTheyCome() : wholeChunks(memory),
  };
}

/** Of what comes of a file of `size` bytes. */
function sizeOf(range: Wanted['range'], size: number | undefined): number | undefined {
  if (range === undefined || size === undefined) return size;
  return Math.min(range.end, size) - range.start;
}

function readSize(headers: IncomingHttpHeaders): number | undefined {
  const text = headerOf(headers, 'content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

/** The body, its failures translated. The network is watched only while it is waited for. */
export async function* guarded(
  body: AsyncIterable<Uint8Array>,
  { guard, url }: { readonly guard: StallGuard; readonly url: URL },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    guard.watch();
    for await (const chunk of body) {
      guard.rest();
      yield chunk;
      guard.watch();
    }
  } catch (error) {
    if (guard.signal.aborted) throw guard.signal.reason;
    throw toSessionError(error, url);
  } finally {
    guard.rest();
  }
}
