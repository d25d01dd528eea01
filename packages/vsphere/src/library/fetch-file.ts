import { type ProbeResult, SessionError, type TransferEndpoint, type UpdateFileInfo } from '@ovfkit/domain';
import { pause } from '@ovfkit/rest';
import type { FileSource, UrlOrigin } from '../origin.ts';
import { unlessAbsent } from '../unless-absent.ts';
import type { Push, PushedFile } from './push-file.ts';

/** A file that the library fetches itself. */
export interface FetchedFile extends Pick<PushedFile, 'name' | 'sha256'> {
  /** Absent when nobody knows. */
  readonly size?: number | undefined;
  readonly source: FileSource;
}

export interface Fetching extends Push {
  readonly otherwise: UrlOrigin['otherwise'];
  /** Told how much of a file the library has. */
  readonly onFetched: (file: { readonly name: string; readonly passed: number; readonly size?: number }) => void;
  /** Told why this process sends what the library does not fetch. */
  readonly onSent: (reason: string) => void;
}

/**
 * Has the library fetch a file of an update session. Resolves to whether it has: where it cannot, nothing of the file is left in the
 * session, and somebody has to send it.
 * @throws SessionError when it cannot and is to; the signal's reason
 */
export async function fetchFile(fetching: Fetching, file: FetchedFile): Promise<boolean> {
  const { services, updateSessionId, otherwise, onSent, signal } = fetching;
  try {
    await fetchIt(fetching, file);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SessionError) || otherwise === 'fail') throw error;
    const ofSession = { updateSessionId, fileName: file.name };
    await services.contentLibrary.updateSessionFile.remove(ofSession, { signal }).catch(unlessAbsent);
    onSent(error.message);
    return false;
  }
}

async function fetchIt(fetching: Fetching, { name, size, sha256, source }: FetchedFile): Promise<void> {
  const { services, updateSessionId, signal } = fetching;
  const { updateSessionFile } = services.contentLibrary;
  const { url: uri, thumbprint } = source;
  const sourceEndpoint = { uri, ...(thumbprint === undefined ? {} : { sslCertificateThumbprint: thumbprint }) };
  await probe(fetching, sourceEndpoint);
  const sum = sha256 === undefined ? {} : { checksumInfo: { algorithm: 'SHA256', checksum: sha256 } };
  const fileSpec = {
    name,
    sourceType: 'PULL' as const,
    sourceEndpoint,
    ...(size === undefined ? {} : { size }),
    ...sum,
  };
  await untilThere(fetching, await updateSessionFile.add({ updateSessionId, fileSpec }, { signal }));
}

/** What a server that cannot tell beforehand says of being asked. */
const notProbed: ReadonlySet<string> = new Set(['INVALID_REQUEST', 'OPERATION_NOT_FOUND', 'UNSUPPORTED']);

/** @throws SessionError RESOURCE_INACCESSIBLE when the library does not get there */
async function probe({ services, signal }: Fetching, sourceEndpoint: TransferEndpoint): Promise<void> {
  const { updateSessionFile } = services.contentLibrary;
  const { status, errorMessages = [] } = await updateSessionFile
    .probe({ sourceEndpoint }, { signal })
    .catch((error: unknown): ProbeResult => {
      if (error instanceof SessionError && notProbed.has(error.kind)) return { status: 'SUCCESS' };
      throw error;
    });
  if (status !== 'SUCCESS') throw unreachable(errorMessages[0]?.defaultMessage ?? status);
}

const unreachable = (why: string): SessionError =>
  new SessionError('RESOURCE_INACCESSIBLE', `The content library does not reach the server of the package: ${why}`);

async function untilThere(
  { services, updateSessionId, signal, onFetched }: Fetching,
  added: UpdateFileInfo,
): Promise<void> {
  const { name: fileName } = added;
  let info = added;
  for (let waitMs = 100; info.status !== 'READY'; waitMs = Math.min(2_000, waitMs * 2)) {
    if (info.status === 'ERROR')
      throw new SessionError(
        'RESOURCE_INACCESSIBLE',
        `The content library could not fetch ${fileName}: ${info.errorMessage?.defaultMessage ?? 'it does not say why'}`,
      );
    await pause(waitMs, signal);
    const listed = await services.contentLibrary.updateSessionFile.list({ updateSessionId }, { signal });
    info = listed.find(({ name }) => name === fileName) ?? info;
    const { bytesTransferred = 0, size } = info;
    if (bytesTransferred > 0)
      onFetched({ name: fileName, passed: bytesTransferred, ...(size === undefined ? {} : { size }) });
  }
}
