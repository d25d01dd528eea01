import { type PulledFile, SessionError } from '@ovfkit/domain';
import { createHashing, type HashAlgorithm, type HashDigests, type Hashing } from '@ovfkit/package-format/node';
import { abortable, delay, withinText } from '../byte-stream.ts';
import type { Core } from '../core.ts';
import { hashAll, hashed } from '../hashing.ts';
import { shownUrl } from './pull-address.ts';

/** Where a session pulls from. */
export interface Origin {
  readonly url: string;
  readonly thumbprint: string | undefined;
  readonly signal: AbortSignal;
}

/** One file to fetch into a blob. */
export interface Fetching extends Origin {
  readonly blob: string;
  readonly algorithms: readonly HashAlgorithm[];
  /** For a member of an archive: where it lies there. */
  readonly within?: { readonly offset: number; readonly size: number };
  /** The name of a file that is read whole later, and has to be within the limit for that. */
  readonly text?: string;
  /** Of the bytes that are in the blob already; without one they are fetched again. */
  readonly etag: string | undefined;
  /** Told before the first byte of each attempt. */
  readonly onStart: (etag: string | undefined) => Promise<void>;
}

export interface Fetched {
  readonly size: number;
  readonly sha256: string;
  readonly digests: HashDigests;
}

const worthRetrying: ReadonlySet<string> = new Set(['RESOURCE_INACCESSIBLE', 'TIMED_OUT', 'SERVICE_UNAVAILABLE']);

/**
 * Fetches a file into its blob and seals it. After a break it goes on where it stopped, if the server still has the same
 * file by its validator; else from the start.
 * @throws SessionError naming the URL and the reason
 */
export async function fetchFile(core: Core, fetching: Fetching): Promise<Fetched> {
  let { etag } = fetching;
  const onStart = async (seen: string | undefined) => {
    etag = seen;
    await fetching.onStart(seen);
  };
  let furthest = await core.blobs.size(fetching.blob);
  const hasMoved = async (): Promise<boolean> => {
    const size = await core.blobs.size(fetching.blob);
    const isMoved = size >= furthest + leastProgress;
    furthest = Math.max(furthest, size);
    return isMoved;
  };
  return retried(core, { ...fetching, hasMoved }, () =>
    core.writers.hold(fetching.blob, () => fetchOnce(core, { ...fetching, etag, onStart })),
  );
}

/** With less than that each time a source would never come to its end. */
const leastProgress = 4 * 1024;

/** The longest wait between two attempts. */
const longestDelayMs = 8_000;

/** Nobody waits a minute to learn of a wrong address; what has begun to come is worth it. */
const mostLooks = 5;

interface Retrying extends Pick<Origin, 'url' | 'signal'> {
  /** Whether there is more than before: a source that is cut off every minute is no worse the tenth time. Absent for a look. */
  readonly hasMoved?: (() => Promise<boolean>) | undefined;
}

/** Tries again what a source may do better at the next time. @throws SessionError naming the URL and the reason */
export async function retried<Result>(
  { limits: { pullAttempts, pullRetryDelayMs } }: Core,
  { url, signal, hasMoved }: Retrying,
  work: () => Promise<Result>,
): Promise<Result> {
  const most = hasMoved === undefined ? Math.min(mostLooks, pullAttempts) : pullAttempts;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error)) throw withUrl(error, url);
      if (await hasMoved?.()) attempt = 1;
      if (attempt >= most) throw withUrl(error, url);
      await delay(Math.min(longestDelayMs, pullRetryDelayMs * 2 ** (attempt - 1)), signal);
    }
  }
}

/** Whether the same request may be answered otherwise later: an address that is refused now is refused then. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof SessionError) || !worthRetrying.has(error.kind)) return false;
  const { data } = error;
  const status = typeof data === 'object' && data !== null && 'status' in data ? Number(data.status) : undefined;
  return status === undefined || status < 400 || status >= 500 || passingStatuses.has(status);
}

/** Of what a server tells its client to have done wrong: too late, too early, too often. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** The same error, saying what was being fetched. */
export function withUrl(error: unknown, url: string): unknown {
  const shown = shownUrl(url);
  if (!(error instanceof SessionError) || error.message.includes(shown)) return error;
  return new SessionError(error.kind, `${shown}: ${error.message}`, { cause: error, data: error.data });
}

async function fetchOnce(core: Core, fetching: Fetching): Promise<Fetched> {
  const { blob, algorithms, within } = fetching;
  const present = await keptSize(core, fetching);
  if (within !== undefined && within.size === present && present > 0) return sealed(core, fetching);
  const { pulled, start } = await openAt(core, { ...fetching, present });
  if (start === undefined) return sealed(core, fetching);
  if (start === 0) await core.blobs.delete(blob);
  await fetching.onStart(pulled.etag);
  const hashing = start === 0 ? createHashing(algorithms) : await hashAll(core.blobs.read(blob), algorithms);
  const arriving = abortable(translated(pulled.bytes), fetching.signal);
  const { text } = fetching;
  const bytes =
    text === undefined ? arriving : withinText(arriving, { size: core.limits.textSize - start, name: text });
  const size = await core.blobs.append(blob, start, hashed(bytes, hashing));
  const whole = within?.size ?? pulled.size;
  if (whole !== undefined && size < whole)
    throw new SessionError('RESOURCE_INACCESSIBLE', `The transfer ended after ${size} of ${whole} bytes.`);
  return { size, ...(await seal(core, { blob, hashing })) };
}

/** Bytes that can be gone on from; without a validator there are none. */
async function keptSize({ blobs }: Core, { blob, etag }: Fetching): Promise<number> {
  const present = await blobs.size(blob);
  if (present === 0 || etag !== undefined) return present;
  await blobs.delete(blob);
  return 0;
}

/** `start` is where the bytes go on in the blob; undefined when the blob has all of them. */
async function openAt(
  { pull }: Core,
  { url, thumbprint, signal, within, etag, present }: Fetching & { readonly present: number },
): Promise<{ readonly pulled: PulledFile; readonly start: number | undefined }> {
  const origin = { url, signal, ...(thumbprint === undefined ? {} : { thumbprint }) };
  const base = within?.offset ?? 0;
  const end = within === undefined ? Number.MAX_SAFE_INTEGER : base + within.size;
  if (within === undefined && present === 0) return { pulled: await pull.open(origin), start: 0 };
  try {
    const rest = await pull.open({ ...origin, range: { start: base + present, end } });
    if (rest.offset === base + present && (present === 0 || rest.etag === etag))
      return { pulled: rest, start: present };
    await letGo(rest);
  } catch (error) {
    // a range that begins at the end of the file is refused by servers: then the blob is whole, or the file is another
    if (!(error instanceof SessionError) || error.kind !== 'RESOURCE_INACCESSIBLE' || within !== undefined) throw error;
  }
  if (within !== undefined && present > 0)
    return { pulled: await pull.open({ ...origin, range: { start: base, end } }), start: 0 };
  if (within !== undefined) throw new SessionError('RESOURCE_INACCESSIBLE', 'The server stopped answering ranges.');
  const pulled = await pull.open(origin);
  if (pulled.size !== present || pulled.etag !== etag) return { pulled, start: 0 };
  await letGo(pulled);
  return { pulled, start: undefined };
}

/** Ends a transfer whose bytes are not wanted. */
export async function letGo({ bytes }: PulledFile): Promise<void> {
  await bytes[Symbol.asyncIterator]().return?.();
}

async function sealed(core: Core, { blob, algorithms }: Fetching): Promise<Fetched> {
  const hashing = await hashAll(core.blobs.read(blob), algorithms);
  return { size: hashing.size(), ...(await seal(core, { blob, hashing })) };
}

async function seal(
  { blobs }: Core,
  { blob, hashing }: { readonly blob: string; readonly hashing: Hashing },
): Promise<Omit<Fetched, 'size'>> {
  const digests = await hashing.digests();
  const sha256 = digests.get('SHA256') ?? '';
  await blobs.seal(blob, sha256);
  return { sha256, digests };
}

/** A transfer that breaks off says so in its own words; to a session it is a source that cannot be reached. */
export async function* translated(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SessionError('RESOURCE_INACCESSIBLE', `The transfer broke off: ${reason}`, { cause });
  }
}
