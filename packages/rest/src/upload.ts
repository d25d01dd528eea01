import { getDefaultHighWaterMark, type Readable } from 'node:stream';
import {
  type CallOptions,
  type FileAddress,
  type KnownBytes,
  SessionError,
  type Upload,
  type UploadState,
} from '@ovfkit/domain';
import { decodeError } from '@ovfkit/domain/wire';
import { request } from 'undici';
import type { Client } from './client.ts';
import { placeOf, toSessionError } from './errors.ts';
import { type FileTarget, locateFile } from './file-url.ts';
import type { ResumeKnowledge } from './files.ts';
import { type Answer, headerOf, readJson } from './json.ts';
import { createStallGuard, type StallGuard } from './stall-guard.ts';

export interface UploadContext {
  readonly client: Client;
  readonly knowledge: ResumeKnowledge;
  readonly options: CallOptions;
}

/** What became of the source while it was sent. */
export interface SourceProgress {
  sent: number;
  isDone: boolean;
  failure: { readonly error: unknown } | undefined;
}

/**
 * Sends a file by PUT or POST, or the rest of it by PATCH. A failure of `bytes` is passed on as it is. A success before all was read
 * is a success: of an archive the server takes what it needs (contract, section 11.3).
 */
export async function upload(context: UploadContext, input: Upload): Promise<UploadState> {
  const { client, options } = context;
  const target = await locateFile(client, { file: input.file, signal: options.signal });
  const guard = createStallGuard({
    url: target.url,
    stallTimeoutMs: client.server.stallTimeoutMs,
    signal: options.signal,
  });
  const progress: SourceProgress = { sent: 0, isDone: false, failure: undefined };
  try {
    const answer = await send({ target, guard, progress, input });
    if (answer.status === 401) await renewLogin(context, target);
    if (answer.status >= 300) throw decodeError(answer.status, answer.body);
    return readUploadState(answer, { input, sent: progress.sent });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (progress.failure) throw progress.failure.error;
    if (guard.signal.aborted) throw guard.signal.reason;
    const isShort = progress.isDone && input.size !== undefined && input.offset + progress.sent < input.size;
    if (isShort && context.knowledge.isResumable) return await uploadState(context, input);
    throw toSessionError(error, target.url);
  } finally {
    guard.rest();
  }
}

interface Sending {
  readonly target: FileTarget;
  readonly guard: StallGuard;
  readonly progress: SourceProgress;
  readonly input: Upload;
}

async function send({ target, guard, progress, input }: Sending): Promise<Answer> {
  const { file, offset, size } = input;
  const isRest = offset > 0;
  const source = watched(input, { guard, progress });
  const isEmpty = size === offset;
  if (isEmpty) for await (const _ of source); // what it has to say, it says at its end
  const response = await request(target.url, {
    method: isRest ? 'PATCH' : file.uploadMethod === 'POST' ? 'POST' : 'PUT',
    dispatcher: target.agent,
    headers: { ...target.headers, ...headersOf(input) },
    body: isEmpty ? null : asBody(source),
    headersTimeout: 0, // the guard knows silence from a slow source
    bodyTimeout: 0,
    signal: guard.signal,
  });
  guard.watch();
  return { status: response.statusCode, headers: response.headers, body: await readJson(response.body, target.url) };
}

/**
 * Not made a stream: that would read on while the socket still holds a chunk. The one cast: the HTTP client takes every iterable
 * (its documentation says so, and the uploads of the tests), its types name streams only.
 */
export const asBody = (source: AsyncIterable<Uint8Array>): Readable => source as unknown as Readable;

function headersOf({ file, offset, size, sha256 }: Upload): Readonly<Record<string, string>> {
  const isForHost = file.uploadMethod === 'POST' && file.fileType === 'DISK';
  return {
    'content-type':
      offset > 0
        ? 'application/partial-upload'
        : isForHost
          ? 'application/x-vnd.vmware-streamVmdk'
          : 'application/octet-stream',
    ...(size === undefined ? {} : { 'content-length': String(size - offset) }),
    ...(offset > 0 ? { 'upload-offset': String(offset), 'upload-complete': '?1' } : {}),
    ...(sha256 === undefined || sha256 === '' ? {} : { 'repr-digest': reprDigest(sha256) }),
  };
}

const knownHeaders = ({ size, sha256 }: KnownBytes): Readonly<Record<string, string>> => ({
  'content-type': 'application/partial-upload',
  'content-length': '0',
  'upload-offset': '0',
  'upload-complete': '?0',
  'upload-length': String(size),
  ...(sha256 === undefined ? {} : { 'repr-digest': reprDigest(sha256) }),
});

const reprDigest = (sha256: string): string => `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;

/** The HTTP client asks for the next chunk when the socket has sent this one, unless it is so small that the socket takes several. */
const surelySent = getDefaultHighWaterMark(false);

/** The network is watched while it has the chunk, the source is not while it is asked for the next. */
export async function* watched(
  { bytes, release }: Pick<Upload, 'bytes'> & { readonly release?: Upload['release'] | undefined },
  { guard, progress }: Pick<Sending, 'guard' | 'progress'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  guard.rest();
  try {
    for await (const chunk of bytes) {
      guard.watch();
      yield chunk;
      progress.sent += chunk.length;
      if (chunk.length >= surelySent) release?.(chunk);
      guard.rest();
    }
    progress.isDone = true;
  } catch (error) {
    progress.failure = { error };
    throw error;
  } finally {
    guard.watch();
  }
}

async function renewLogin(
  { client, options }: Pick<UploadContext, 'client' | 'options'>,
  { url, token }: FileTarget,
): Promise<never> {
  if (token === undefined)
    throw new SessionError(
      'UNAUTHORIZED',
      `${placeOf(url)} refused the upload for want of a login. Its URL may have expired; ask for the session again.`,
    );
  await client.login.renew(token, options.signal);
  throw new SessionError(
    'RESOURCE_INACCESSIBLE',
    `The login at ${placeOf(url)} expired during an upload. It was renewed; send the file again.`,
  );
}

function readUploadState(
  { headers }: Answer,
  { input, sent }: { readonly input: Upload; readonly sent: number },
): UploadState {
  const offset = readOffset(headerOf(headers, 'upload-offset'));
  const isComplete = headerOf(headers, 'upload-complete') !== '?0';
  return { offset: offset ?? (isComplete ? (input.size ?? input.offset + sent) : input.offset + sent), isComplete };
}

const readOffset = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;

/** A dictionary of algorithms and preferences, of which 0 is none (RFC 9530, section 4). */
const wantsSha256 = (wanted = ''): boolean => /(?:^|[ \t,])sha-256=[1-9]/i.test(wanted);

/**
 * What the server has of a file, by HEAD (IETF resumable uploads); of `known` bytes by a PATCH that brings none, which a server that
 * has them elsewhere answers with a complete file, or with `Want-Repr-Digest` when it was told the size alone. A server without resumable uploads answers without `Upload-Offset`.
 */
export async function uploadState(
  { client, knowledge, options }: UploadContext,
  { file, known }: FileAddress & { readonly known?: KnownBytes },
): Promise<UploadState> {
  if (known !== undefined && !knowledge.isResumable) return { offset: 0, isComplete: false };
  const target = await locateFile(client, { file, signal: options.signal });
  const asking = { stallTimeoutMs: client.server.stallTimeoutMs, signal: options.signal, known };
  const answer = await askState(target, asking);
  if (answer.status === 401) await renewLogin({ client, options }, target);
  const offset = readOffset(headerOf(answer.headers, 'upload-offset'));
  if (answer.status < 300 && offset !== undefined) {
    knowledge.isResumable = true;
    knowledge.isProven = true;
    const isComplete = headerOf(answer.headers, 'upload-complete') === '?1';
    return wantsSha256(headerOf(answer.headers, 'want-repr-digest'))
      ? { offset, isComplete, isDigestWanted: true }
      : { offset, isComplete };
  }
  const isRefusal = answer.status >= 400 && ![400, 404, 405, 501].includes(answer.status);
  if (isRefusal || (knowledge.isProven && answer.status >= 400)) throw decodeError(answer.status, answer.body);
  knowledge.isResumable = false;
  throw new SessionError(
    'UNSUPPORTED',
    `${placeOf(target.url)} does not tell how much of an upload it has; send ${file.name} anew.`,
  );
}

/** Errors as `uploadState`; the answer has no body whatever its status. */
async function askState(
  { url, agent, headers }: FileTarget,
  {
    stallTimeoutMs,
    signal,
    known,
  }: {
    readonly stallTimeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly known: KnownBytes | undefined;
  },
): Promise<Answer> {
  try {
    const response = await request(url, {
      method: known === undefined ? 'HEAD' : 'PATCH',
      dispatcher: agent,
      headers: { ...headers, ...(known === undefined ? {} : knownHeaders(known)) },
      headersTimeout: stallTimeoutMs,
      bodyTimeout: stallTimeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    await response.body.dump();
    return { status: response.statusCode, headers: response.headers, body: undefined };
  } catch (error) {
    signal?.throwIfAborted();
    throw toSessionError(error, url);
  }
}
