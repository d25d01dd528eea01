import { type Download, type FileAddress, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { Reporter } from './progress.ts';
import { createPatience, type Patience } from './retry.ts';
import { createVerifier, type ExpectedDigest } from './verified.ts';

export interface ReceiveFile {
  readonly backend: Pick<SessionBackend, 'files'>;
  readonly address: FileAddress;
  /** The file as the session shows it now: its URL may have expired by the time it is asked for again. */
  readonly refresh: () => Promise<FileAddress>;
  /** From the session and from the manifest. */
  readonly expected: readonly ExpectedDigest[];
  readonly reporter: Reporter;
  readonly retries: number;
  readonly signal: AbortSignal;
}

/** A file that has begun to arrive. */
export interface ReceivedFile {
  /** Bytes; absent when the server does not say. */
  readonly size: number | undefined;
  /**
   * The whole file, once, in order. Broken transfers go on from where they broke. Ends with an error rather than with wrong bytes, but what came before
   * may be wrong then.
   */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Opens a file of an export.
 * @throws SessionError INVALID_ARGUMENT when it does not match its digest, RESOURCE_INACCESSIBLE when it changed on the server between
 *   two attempts, or ended early; else what the backend said last
 */
export async function receiveFile(receiving: ReceiveFile): Promise<ReceivedFile> {
  const { address, reporter, retries, signal } = receiving;
  const patience = createPatience({ retries, signal, onRetry: (notice) => reporter.retry(address.file.name, notice) });
  const first = await openAt(receiving, { patience, start: 0 });
  const size = first.size ?? (address.file.size === 0 ? undefined : address.file.size);
  return { size, bytes: allBytes(receiving, { patience, first, size }) };
}

async function openAt(
  { backend, address, refresh, signal }: ReceiveFile,
  { patience, start, size }: { readonly patience: Patience; readonly start: number; readonly size?: number },
): Promise<Download> {
  for (let current: FileAddress | undefined = start === 0 ? address : undefined; ; current = undefined) {
    try {
      current ??= await refresh();
      const range = start === 0 ? {} : { range: { start, end: size ?? Number.MAX_SAFE_INTEGER } };
      return await backend.files.download({ ...current, ...range }, { signal });
    } catch (error) {
      await patience.failed(error);
    }
  }
}

async function* allBytes(
  receiving: ReceiveFile,
  {
    patience,
    first,
    size,
  }: { readonly patience: Patience; readonly first: Download; readonly size: number | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const { address, expected, reporter } = receiving;
  const { name } = address.file;
  const verifier = createVerifier(name, expected);
  let at = 0;
  for (let download = first; ; ) {
    try {
      for await (const chunk of download.bytes) {
        verifier.take(chunk, at);
        at += chunk.length;
        patience.moved();
        yield chunk;
        if (at !== size) reporter.file(name, { sent: at, size });
      }
      if (size === undefined || at === size) break;
      throw at > size ? tooLong(name, size) : endedEarly(name, { at, size });
    } catch (error) {
      await patience.failed(error);
    }
    download = await openAt(receiving, { patience, start: at, ...(size === undefined ? {} : { size }) });
    if (download.etag !== first.etag) throw changed(name);
  }
  verifier.check();
  reporter.file(name, { sent: at, size: at });
}

const endedEarly = (name: string, { at, size }: { readonly at: number; readonly size: number }): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `${name} ended after ${at} of ${size} bytes.`);

const tooLong = (name: string, size: number): SessionError =>
  new SessionError('INVALID_ARGUMENT', `${name} is longer than the ${size} bytes the server said.`);

const changed = (name: string): SessionError =>
  new SessionError('INVALID_ARGUMENT', `${name} changed on the server while it was downloaded. Export again.`);
