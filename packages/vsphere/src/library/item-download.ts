import {
  ChecksumAlgorithm,
  type DownloadFileInfo,
  type SessionBackend,
  SessionError,
  type StoredFile,
} from '@ovfkit/domain';
import { pause } from '@ovfkit/rest';
import { type TakingBlobs, takeFile } from '../export/take-file.ts';
import { keepAlive } from './keep-alive.ts';
import { keepAliveMs } from './staged-item.ts';

export interface DownloadParts {
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'files'>;
  readonly blobs: TakingBlobs;
}

/** Opens a download session of an item, which is kept alive and goes again in every ending. */
export async function withDownloadSession<Result>(
  { contentLibrary: { downloadSession } }: Pick<SessionBackend, 'contentLibrary'>,
  { libraryItemId, signal }: { readonly libraryItemId: string; readonly signal: AbortSignal },
  use: (downloadSessionId: string) => Promise<Result>,
): Promise<Result> {
  const downloadSessionId = await downloadSession.create({ createSpec: { libraryItemId } }, { signal });
  const touch = () => downloadSession.keepAlive({ downloadSessionId }, { signal });
  try {
    return await keepAlive(touch, { everyMs: keepAliveMs }, () => use(downloadSessionId));
  } finally {
    await downloadSession.delete({ downloadSessionId }).catch(() => undefined);
  }
}

interface OfItem {
  readonly downloadSessionId: string;
  readonly name: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

/**
 * Takes a file of an item into a blob, with its name below `prefix`. What the blob has already is gone on with where the library tells a checksum
 * that it can be compared with. @throws SessionError as the server refuses; the signal's reason
 */
export async function takeFromItem(
  parts: DownloadParts,
  { downloadSessionId, name, prefix, signal }: OfItem,
): Promise<StoredFile> {
  const { vcenter, blobs } = parts;
  const { downloadEndpoint, size, checksumInfo } = await prepared(vcenter, { downloadSessionId, name, signal });
  const file = {
    name,
    fileUrl: downloadEndpoint?.uri ?? '',
    ...(downloadEndpoint?.sslCertificateThumbprint === undefined
      ? {}
      : { sslThumbPrint: downloadEndpoint.sslCertificateThumbprint }),
  };
  const address = { kind: 'download', sessionId: downloadSessionId, file } as const;
  const open = async (start: number) => {
    if (start > 0 && start === size) return { bytes: nothing(), offset: start, size };
    const range = start === 0 || size === undefined || start > size ? {} : { range: { start, end: size } };
    const { bytes, size: whole } = await vcenter.files.download({ ...address, ...range }, { signal });
    return { bytes, offset: 'range' in range ? start : 0, size: whole ?? size };
  };
  const blob = `${prefix}/${name}`;
  const { success: isKnown } = ChecksumAlgorithm.safeParse(checksumInfo?.algorithm ?? 'SHA1');
  const checksum = isKnown ? checksumInfo : undefined;
  if (checksum === undefined) await blobs.delete(blob); // of whatever it is the beginning
  return takeFile(blobs, { name, blob, checksum, open, signal });
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

/** A file is asked for, and there some time later. */
async function prepared(
  { contentLibrary }: DownloadParts['vcenter'],
  { downloadSessionId, name: fileName, signal }: Omit<OfItem, 'prefix'>,
): Promise<DownloadFileInfo> {
  const { prepare, get } = contentLibrary.downloadSessionFile;
  let info = await prepare({ downloadSessionId, fileName, endpointType: 'HTTPS' }, { signal });
  for (let waitMs = 200; info.status !== 'PREPARED'; waitMs = Math.min(5_000, waitMs * 2)) {
    if (info.status === 'ERROR')
      throw new SessionError(
        'RESOURCE_INACCESSIBLE',
        `The content library cannot give ${fileName}: ${info.errorMessage?.defaultMessage ?? 'it does not say why'}`,
      );
    await pause(waitMs, signal);
    info = await get({ downloadSessionId, fileName }, { signal });
  }
  return info;
}
