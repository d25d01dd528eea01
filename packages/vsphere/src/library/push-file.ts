import { type ByteRange, type SessionBackend, SessionError, type UploadState } from '@ovfkit/domain';
import { createHashing } from '@ovfkit/package-format/node';
import { backOff, isPassing, pause } from '@ovfkit/rest';
import { verified } from './verified.ts';

/** A file for an update session. */
export interface PushedFile {
  readonly name: string;
  readonly size: number;
  /** Lower-case hex; bytes without one are not checked. */
  readonly sha256?: string;
  /** The bytes, or the part of them in `range`. */
  readonly read: (range?: ByteRange) => AsyncIterable<Uint8Array>;
}

export interface Push {
  readonly services: Pick<SessionBackend, 'contentLibrary' | 'files'>;
  readonly updateSessionId: string;
  readonly signal: AbortSignal;
}

/** Failures in a row, without a byte kept, that are put up with. */
const patience = 6;

/**
 * Adds a file to an update session and sends it. After a break it goes on from what the server has kept, where it keeps anything.
 * @throws SessionError INVALID_ARGUMENT when the bytes are not those of the digest; as the server refuses; the signal's reason
 */
export async function pushFile(push: Push, file: PushedFile): Promise<void> {
  const { services, updateSessionId, signal } = push;
  const { name, size, sha256 } = file;
  const { uploadEndpoint } = await services.contentLibrary.updateSessionFile.add(
    {
      updateSessionId,
      fileSpec: {
        name,
        sourceType: 'PUSH',
        size,
        ...(sha256 === undefined ? {} : { checksumInfo: { algorithm: 'SHA256', checksum: sha256 } }),
      },
    },
    { signal },
  );
  const address = {
    kind: 'update',
    sessionId: updateSessionId,
    file: {
      name,
      ...(uploadEndpoint === undefined ? {} : { fileUrl: uploadEndpoint.uri }),
      ...(uploadEndpoint?.sslCertificateThumbprint === undefined
        ? {}
        : { sslThumbPrint: uploadEndpoint.sslCertificateThumbprint }),
    },
  } as const;
  await send(push, { file, address });
}

type Address = Parameters<SessionBackend['files']['uploadState']>[0];

async function send(
  { services, signal }: Push,
  { file, address }: { readonly file: PushedFile; readonly address: Address },
): Promise<void> {
  const { size, sha256 } = file;
  let offset = 0;
  for (let failures = 0; ; ) {
    try {
      const state = await services.files.upload(
        { ...address, offset, size, bytes: bytesFrom(file, offset), ...(sha256 === undefined ? {} : { sha256 }) },
        { signal },
      );
      if (state.isComplete) return;
      throw new SessionError('RESOURCE_INACCESSIBLE', `The server has only ${state.offset} bytes of ${file.name}.`);
    } catch (error) {
      if (!isPassing(error) || failures === patience) throw error;
      const kept = await keptOf({ services, signal }, address);
      if (kept.isComplete) return;
      failures = kept.offset > offset ? 0 : failures + 1;
      offset = kept.offset;
      await pause(backOff(failures), signal);
    }
  }
}

/** What was sent before is not read again, and the server checks the whole. */
function bytesFrom({ read, name, size, sha256 }: PushedFile, offset: number): AsyncIterable<Uint8Array> {
  if (offset > 0) return read({ start: offset, end: size });
  return sha256 === undefined ? read() : verified(read(), { name, sha256, hashing: createHashing() });
}

async function keptOf({ services, signal }: Pick<Push, 'services' | 'signal'>, address: Address): Promise<UploadState> {
  try {
    return await services.files.uploadState(address, { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SessionError)) throw error;
    return { offset: 0, isComplete: false };
  }
}
