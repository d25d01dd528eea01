import type { IncomingHttpHeaders } from 'node:http';
import { type ByteRange, type ChunkMemory, type ErrorKind, SessionError } from '@ovfkit/domain';
import { type Dispatcher, request } from 'undici';
import { createAgent, type Trust } from './certificate.ts';
import { guarded } from './download.ts';
import { placeOf, toSessionError } from './errors.ts';
import { gathered } from './gathered.ts';
import { readContentRange, writeRange } from './http-range.ts';
import { headerOf } from './json.ts';
import { createStallGuard, type StallGuard } from './stall-guard.ts';
import { asBody, type SourceProgress, watched } from './upload.ts';

/** Where a file lies. The right to it is in the URL: no login goes there. */
export interface HostFile {
  readonly url: URL;
  /** When set a certificate is accepted exactly when it matches; when not, as the system or `ca` trusts it. */
  readonly thumbprint?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HostUpload extends HostFile {
  readonly method: 'PUT' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the whole file. */
  readonly size: number;
  /** Read once. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Told of chunks that have been sent and are not read any more; of small ones, and after a failure, perhaps not. */
  readonly release?: ((chunk: Uint8Array) => void) | undefined;
}

/** A file, or what follows `start`. */
export interface HostPart extends HostFile {
  readonly start?: number | undefined;
  /** What comes is gathered in it, in chunks of up to 1 MiB, which are the caller's; chunks are as they come without it. */
  readonly memory?: ChunkMemory | undefined;
}

export interface HostDownload {
  /** Bytes of the whole file, when the host says. */
  readonly size?: number;
  /** Where `bytes` begin: what was asked for, or 0 from a host without ranges, or with nothing there. */
  readonly offset: number;
  /** Read once; stopping early closes the transfer. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Hosts that a server sends its clients to for files: they have names, certificates and ways to fail of their own. */
export interface FileHosts {
  /**
   * Sends a whole file. A failure of `bytes` is passed on as it is.
   * @throws SessionError RESOURCE_INACCESSIBLE, TIMED_OUT, SERVICE_UNAVAILABLE (try again), UNVERIFIED_PEER, UNAUTHORIZED, NOT_FOUND,
   *   UNABLE_TO_ALLOCATE_RESOURCE, INVALID_REQUEST, by what the host answers; the signal's reason
   */
  send(upload: HostUpload): Promise<void>;
  /** Opens a file, or what follows `start`; all of it where nothing follows. Errors as `send`. */
  open(file: HostPart): Promise<HostDownload>;
  /** Drops every connection. */
  close(): Promise<void>;
}

export interface FileHostsOptions extends Pick<Trust, 'ca' | 'connectTimeoutMs'> {
  /** Silence that ends a transfer; 60 s when absent. */
  readonly stallTimeoutMs?: number | undefined;
  readonly userAgent?: string | undefined;
}

interface Connecting {
  readonly agentFor: (thumbprint: string | undefined) => Dispatcher;
  readonly stallTimeoutMs: number;
  readonly userAgent: string;
}

/** Connects to nobody until asked. */
export function createFileHosts({
  stallTimeoutMs = 60_000,
  userAgent = 'ovfkit',
  ...trust
}: FileHostsOptions): FileHosts {
  const agents = new Map<string, Dispatcher>();
  const agentFor = (thumbprint: string | undefined): Dispatcher => {
    const known = agents.get(thumbprint ?? '');
    if (known !== undefined) return known;
    const made = createAgent({ ...trust, thumbprint });
    agents.set(thumbprint ?? '', made);
    return made;
  };
  const connecting = { agentFor, stallTimeoutMs, userAgent };
  return {
    send: (upload) => send(connecting, upload),
    open: (file) => open(connecting, file),
    async close() {
      await Promise.all([...agents.values()].map((each) => each.destroy()));
    },
  };
}

async function send({ agentFor, stallTimeoutMs, userAgent }: Connecting, upload: HostUpload): Promise<void> {
  const { url, method, headers, size, thumbprint, signal } = upload;
  signal?.throwIfAborted();
  const guard = createStallGuard({ url, stallTimeoutMs, signal });
  const progress: SourceProgress = { sent: 0, isDone: false, failure: undefined };
  let handed = 0;
  // counted before the HTTP client has them: a host may answer before the source has found out that it is at its end
  const counted = count(upload.bytes, (passed) => {
    handed += passed;
  });
  const source = watched({ bytes: counted, release: upload.release }, { guard, progress });
  try {
    if (size === 0) for await (const _ of source); // what it has to say, it says at its end
    const response = await request(url, {
      method,
      dispatcher: agentFor(thumbprint),
      headers: { 'user-agent': userAgent, ...headers, 'content-length': String(size) },
      body: size === 0 ? null : asBody(source),
      headersTimeout: 0, // the guard knows silence from a slow source
      bodyTimeout: 0,
      signal: guard.signal,
    });
    guard.watch();
    await refuseFailure(response, url);
    await response.body.dump();
    if (handed < size) throw unread(url);
  } catch (error) {
    signal?.throwIfAborted();
    if (progress.failure) throw progress.failure.error;
    if (guard.signal.aborted) throw guard.signal.reason;
    throw toSessionError(error, url);
  } finally {
    guard.rest();
  }
}

async function* count(
  bytes: AsyncIterable<Uint8Array>,
  onCount: (size: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    onCount(chunk.length);
    yield chunk;
  }
}

/** A proxy may end a request with a success that the host behind it knows nothing of. */
const unread = (url: URL): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `${placeOf(url)} answered before it had the whole file. Send it again.`);

async function open(
  { agentFor, stallTimeoutMs, userAgent }: Connecting,
  { url, thumbprint, signal, start = 0, memory }: HostPart,
): Promise<HostDownload> {
  signal?.throwIfAborted();
  const guard = createStallGuard({ url, stallTimeoutMs, signal });
  try {
    const response = await request(url, {
      method: 'GET',
      dispatcher: agentFor(thumbprint),
      headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...rangeHeader(start) },
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: guard.signal,
    });
    if (response.statusCode === 416 && start > 0) {
      await response.body.dump();
      guard.rest();
      return await open({ agentFor, stallTimeoutMs, userAgent }, { url, thumbprint, signal, memory });
    }
    await refuseFailure(response, url);
    return described({ response, guard, url, memory });
  } catch (error) {
    guard.rest();
    signal?.throwIfAborted();
    if (guard.signal.aborted) throw guard.signal.reason;
    throw toSessionError(error, url);
  }
}

/** To the end, wherever that is. */
function rangeHeader(start: number): Readonly<Record<string, string>> {
  const toEnd: ByteRange = { start, end: Number.MAX_SAFE_INTEGER };
  return start === 0 ? {} : { range: writeRange(toEnd) };
}

function described({
  response,
  guard,
  url,
  memory,
}: Pick<HostPart, 'url' | 'memory'> & {
  readonly response: Dispatcher.ResponseData;
  readonly guard: StallGuard;
}): HostDownload {
  const { headers } = response;
  const part = response.statusCode === 206 ? readContentRange(headerOf(headers, 'content-range')) : undefined;
  const size = part ? part.size : readSize(headers);
  const offset = part?.start ?? 0;
  const { body } = response;
  return {
    ...(size === undefined ? {} : { size }),
    offset,
    bytes:
      memory === undefined
        ? guarded(body, { guard, url })
        : gathered(body, { memory, size: size && size - offset, guard, url }),
  };
}

function readSize(headers: IncomingHttpHeaders): number | undefined {
  const text = headerOf(headers, 'content-length');
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

const kinds: ReadonlyMap<number, ErrorKind> = new Map([
  [401, 'UNAUTHORIZED'],
  [403, 'UNAUTHORIZED'],
  [404, 'NOT_FOUND'],
  [410, 'NOT_FOUND'],
  [408, 'TIMED_OUT'],
  [413, 'UNABLE_TO_ALLOCATE_RESOURCE'],
  [503, 'SERVICE_UNAVAILABLE'],
  [507, 'UNABLE_TO_ALLOCATE_RESOURCE'],
]);

const maxReasonSize = 2_000;

/** Hosts answer in plain text or HTML; what they say goes into the error, as far as it can be read. */
async function refuseFailure({ statusCode, body }: Dispatcher.ResponseData, url: URL): Promise<void> {
  if (statusCode < 300) return;
  let text = '';
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.length > maxReasonSize) break;
  }
  const reason = text
    .slice(0, maxReasonSize)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const kind = kinds.get(statusCode) ?? (statusCode >= 500 ? 'RESOURCE_INACCESSIBLE' : 'INVALID_REQUEST');
  throw new SessionError(kind, `${placeOf(url)} answered ${statusCode}${reason === '' ? '.' : `: ${reason}`}`, {
    data: { status: statusCode, host: url.hostname },
  });
}
