import type { IncomingHttpHeaders } from 'node:http';
import { type ByteRange, type CallOptions, type Download, type FileAddress, SessionError } from '@ovfkit/domain';
import { decodeError } from '@ovfkit/domain/wire';
import { type Dispatcher, request } from 'undici';
import type { Client } from './client.ts';
import { toSessionError } from './errors.ts';
import { type FileTarget, locateFile } from './file-url.ts';
import { cut, readContentRange, strongEtag, writeRange } from './http-range.ts';
import { headerOf, readJson } from './json.ts';
import { createStallGuard, type StallGuard } from './stall-guard.ts';

interface DownloadContext {
  readonly client: Client;
  readonly options: CallOptions;
}

/**
 * A file, or a range of it, by GET. A server that ignores ranges gives all, and what was not asked for is dropped here.
 * Whether a range belongs to the same bytes as an earlier one is told by `etag`.
 */
export async function download(
  context: DownloadContext,
  { file, range }: FileAddress & { readonly range?: ByteRange },
): Promise<Download> {
  const { client, options } = context;
  if (range !== undefined && range.end === range.start)
    return { bytes: nothing(), ...(file.size ? { size: file.size } : {}) };
  const target = await locateFile(client, { file, signal: options.signal });
  const first = await open(context, { target, range });
  if (first.response.statusCode !== 401 || target.token === undefined)
    return describe({ ...first, range, url: target.url });
  await first.response.body.dump();
  await client.login.renew(target.token, options.signal);
  const again = await locateFile(client, { file, signal: options.signal });
  return describe({ ...(await open(context, { target: again, range })), range, url: target.url });
}

interface Opened {
  readonly response: Dispatcher.ResponseData;
  readonly guard: StallGuard;
}

async function open(
  { client, options }: DownloadContext,
  { target, range }: { readonly target: FileTarget; readonly range: ByteRange | undefined },
): Promise<Opened> {
  const { url, agent, headers } = target;
  const guard = createStallGuard({ url, stallTimeoutMs: client.server.stallTimeoutMs, signal: options.signal });
  try {
    const response = await request(url, {
      method: 'GET',
      dispatcher: agent,
      headers: {
        ...headers,
        'accept-encoding': 'identity',
        ...(range === undefined ? {} : { range: writeRange(range) }),
      },
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
  range,
  url,
}: Opened & { readonly range: ByteRange | undefined; readonly url: URL }): Promise<Download> {
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
  const bytes = guarded(response.body, { guard, url });
  return {
    ...(size === undefined ? {} : { size }),
    ...(etag === undefined ? {} : { etag }),
    bytes: range === undefined ? bytes : cut(bytes, { offset: part?.start ?? 0, range }),
  };
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
