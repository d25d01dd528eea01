import { type ChunkPool, type Download, type FileAddress, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { RandomAccess } from '@ovfkit/package-format';
import type { Reporter } from './progress.ts';
import { createPatience, type Patience } from './retry.ts';
import { createVerifier, type ExpectedDigest, type Verifier } from './verified.ts';

export interface ReceiveFile {
  readonly backend: Pick<SessionBackend, 'files'>;
  readonly address: FileAddress;
  /** The file as the session shows it now: its URL may have expired by the time it is asked for again. */
  readonly refresh: () => Promise<FileAddress>;
  /** From the session and from the manifest. */
  readonly expected: readonly ExpectedDigest[];
  /** What is there of the file. It is gone on with when a digest will vouch for the whole. */
  readonly left?: RandomAccess | undefined;
  /** Memory for chunks that are used before the next one is asked for; without it each chunk is whoever's to keep. */
  readonly pool?: ChunkPool | undefined;
  readonly reporter: Reporter;
  readonly retries: number;
  readonly signal: AbortSignal;
}

/** A file that has begun to arrive. */
export interface ReceivedFile {
  /** Bytes; absent when the server does not say. */
  readonly size: number | undefined;
  /** Where it lies on this machine, where nothing is left to be compared with. */
  readonly path?: string | undefined;
  /** So many bytes at the beginning are those that were `left`. */
  readonly kept: number;
  /**
   * The whole file, once, in order. Broken transfers go on from where they broke. Ends with an error rather than with wrong bytes, but what came before
   * may be wrong then; with a StaleFileError when receiving it anew may help. With a pool a chunk is valid until the next one is asked for.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What is there of a file is not the beginning of what the server has. Stays within this package: who receives begins anew, or throws `reason`. */
export class StaleFileError extends Error {
  override readonly name = 'StaleFileError';
  readonly reason: SessionError;

  constructor(reason: SessionError) {
    super(reason.message, { cause: reason });
    this.reason = reason;
  }
}

/**
 * Opens a file of an export.
 * @throws SessionError INVALID_ARGUMENT when it does not match its digest, RESOURCE_INACCESSIBLE when it ended early; else what the
 *   backend said last
 */
export async function receiveFile(receiving: ReceiveFile): Promise<ReceivedFile> {
  const { address, reporter, retries, signal } = receiving;
  const patience = createPatience({ retries, signal, onRetry: (notice) => reporter.retry(address.file.name, notice) });
  const left = usableOf(receiving);
  const first = left === undefined ? await openAt(receiving, { patience, start: 0 }) : undefined;
  const size = first?.size ?? (address.file.size === 0 ? undefined : address.file.size);
  return {
    size,
    path: knownPath(receiving, first),
    kept: left?.size ?? 0,
    bytes: allBytes(receiving, { patience, left, first, size }),
  };
}

/** What lies there has the session's digest: it is not compared with another. */
function knownPath({ address, expected }: ReceiveFile, first: Download | undefined): string | undefined {
  const { sha256 } = address.file;
  const isVouched = expected.every(({ algorithm, digest }) => algorithm === 'SHA256' && digest === sha256);
  return isVouched ? first?.path : undefined;
}

/** Of a file whose size or digest nobody knows, nobody knows whether what is there belongs to it. */
function usableOf({ address, expected, left }: ReceiveFile): RandomAccess | undefined {
  const { size = 0 } = address.file;
  const isUsable = left !== undefined && expected.length > 0 && left.size > 0 && left.size <= size;
  return isUsable ? left : undefined;
}

interface Opening {
  readonly patience: Patience;
  readonly start: number;
  readonly size?: number | undefined;
  /** Of the version that the bytes before `start` are of, when that is known. */
  readonly etag?: string | undefined;
}

async function openAt(
  { backend, address, refresh, pool, signal }: ReceiveFile,
  { patience, start, size, etag }: Opening,
): Promise<Download> {
  for (let current: FileAddress | undefined = start === 0 ? address : undefined; ; current = undefined) {
    try {
      current ??= await refresh();
      const range = start === 0 ? {} : { range: { start, end: size ?? Number.MAX_SAFE_INTEGER }, etag };
      return await backend.files.download({ ...current, ...range, memory: pool }, { signal });
    } catch (error) {
      if (etag !== undefined && error instanceof SessionError && error.kind === 'CONCURRENT_CHANGE')
        throw new StaleFileError(changed(address.file.name));
      await patience.failed(error);
    }
  }
}

interface Arriving {
  readonly patience: Patience;
  readonly left: RandomAccess | undefined;
  readonly first: Download | undefined;
  readonly size: number | undefined;
}

async function* allBytes(
  receiving: ReceiveFile,
  { patience, left, first, size }: Arriving,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { address, expected, reporter, pool } = receiving;
  const { name } = address.file;
  const verifier = createVerifier(name, { expected });
  let at = 0;
  const take = (chunk: Uint8Array): Uint8Array => {
    verifier.take(chunk, at);
    at += chunk.length;
    if (at !== size) reporter.file(name, { sent: at, size });
    return chunk;
  };
  for await (const chunk of left?.read({ start: 0, end: left.size }) ?? []) yield take(chunk);
  let etag = first?.etag;
  for (let download = first; download !== undefined || at !== size; download = undefined) {
    const isLater = download === undefined && etag !== undefined;
    download ??= await openAt(receiving, { patience, start: at, size, etag });
    if (isLater && download.etag !== etag) throw new StaleFileError(changed(name));
    etag = download.etag;
    try {
      for await (const chunk of download.bytes) {
        patience.moved();
        yield take(chunk);
        pool?.release(chunk);
      }
      if (size === undefined || at === size) break;
      throw at > size ? tooLong(name, size) : endedEarly(name, { at, size });
    } catch (error) {
      await patience.failed(error);
    }
  }
  checkAll(verifier, left);
  reporter.file(name, { sent: at, size: at });
}

/** A beginning that was there already may be what is wrong. */
function checkAll(verifier: Verifier, left: RandomAccess | undefined): void {
  try {
    verifier.check();
  } catch (error) {
    throw left !== undefined && error instanceof SessionError ? new StaleFileError(error) : error;
  }
}

const endedEarly = (name: string, { at, size }: { readonly at: number; readonly size: number }): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `${name} ended after ${at} of ${size} bytes.`);

const tooLong = (name: string, size: number): SessionError =>
  new SessionError('INVALID_ARGUMENT', `${name} is longer than the ${size} bytes the server said.`);

const changed = (name: string): SessionError =>
  new SessionError('INVALID_ARGUMENT', `${name} changed on the server while it was downloaded. Export again.`);
