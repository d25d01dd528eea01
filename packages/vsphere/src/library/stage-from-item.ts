import {
  type BlobStore,
  type DownloadFileInfo,
  type SessionBackend,
  SessionError,
  type Staged,
  type Staging,
  type StoredFile,
} from '@ovfkit/domain';
import { isDescriptorName, isSealName, readAll } from '@ovfkit/package-format';
import { pause } from '@ovfkit/rest';
import { takeFile } from '../export/take-file.ts';
import { atOnce } from '../import/at-once.ts';
import { itemNameOf } from '../import-mark.ts';
import { keepAlive } from './keep-alive.ts';
import { failedInLibrary } from './library-failure.ts';
import { keepAliveMs, removeItem, removeItems } from './staged-item.ts';

export interface ItemStageParts {
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'libraryItem' | 'files'>;
  readonly blobs: Pick<BlobStore, 'append' | 'delete' | 'read' | 'seal' | 'size'>;
  /** The local library that packages pass through. */
  readonly libraryId: string;
}

/** Descriptors are read whole. */
const longestDescriptor = 16 * 1024 ** 2;
const downloadsAtOnce = 4;

/**
 * Has the vCenter make a library item of a machine, and takes its files from there. The item goes again in every ending.
 * @throws SessionError as the server refuses; the signal's reason
 */
export async function stageFromItem(parts: ItemStageParts, staging: Staging, signal: AbortSignal): Promise<Staged> {
  const { vcenter, libraryId } = parts;
  signal.throwIfAborted();
  const name = itemNameOf(staging.prefix);
  await removeItems(vcenter, { name, signal });
  const createSpec = { name, flags: [...staging.flags] };
  // not ended by the signal: its answer names the item that has to go
  const made = await vcenter.libraryItem.create({ source: staging.ref, target: { libraryId }, createSpec });
  if (!made.succeeded || made.ovfLibraryItemId === undefined) throw failedInLibrary('export to', made.error);
  try {
    signal.throwIfAborted();
    return await download(parts, { libraryItemId: made.ovfLibraryItemId, prefix: staging.prefix, signal });
  } finally {
    await removeItem(vcenter, made.ovfLibraryItemId);
  }
}

interface FromItem {
  readonly libraryItemId: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

async function download(parts: ItemStageParts, { libraryItemId, prefix, signal }: FromItem): Promise<Staged> {
  const { downloadSession, downloadSessionFile } = parts.vcenter.contentLibrary;
  const downloadSessionId = await downloadSession.create({ createSpec: { libraryItemId } }, { signal });
  const touch = () => downloadSession.keepAlive({ downloadSessionId }, { signal });
  try {
    return await keepAlive(touch, { everyMs: keepAliveMs }, async () => {
      const listed = await downloadSessionFile.list({ downloadSessionId }, { signal });
      const taken = new Map<string, StoredFile>();
      await atOnce(listed, {
        limit: downloadsAtOnce,
        signal,
        work: async ({ name }, stop) => {
          taken.set(name, await takeFromItem(parts, { downloadSessionId, name, prefix, signal: stop }));
        },
      });
      return stagedOf(
        parts,
        listed.flatMap(({ name }) => taken.get(name) ?? []),
      );
    });
  } finally {
    await downloadSession.delete({ downloadSessionId }).catch(() => undefined);
  }
}

async function stagedOf({ blobs }: ItemStageParts, files: readonly StoredFile[]): Promise<Staged> {
  const descriptor = files.find(({ name }) => isDescriptorName(name));
  if (descriptor === undefined)
    throw new SessionError('INTERNAL_SERVER_ERROR', 'The content library made an item without a descriptor.');
  const text = new TextDecoder().decode(await readAll(blobs.read(descriptor.blob), longestDescriptor));
  // the engine writes these of its own
  const written = files.filter(({ name }) => name === descriptor.name || isSealName(descriptor.name, name));
  for (const { blob } of written) await blobs.delete(blob);
  return { descriptor: text, files: files.filter((file) => !written.includes(file)) };
}

interface OfItem {
  readonly downloadSessionId: string;
  readonly name: string;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

async function takeFromItem(parts: ItemStageParts, { downloadSessionId, name, prefix, signal }: OfItem) {
  const { vcenter, blobs } = parts;
  const { downloadEndpoint, size } = await prepared(vcenter, { downloadSessionId, name, signal });
  const file = {
    name,
    fileUrl: downloadEndpoint?.uri ?? '',
    ...(downloadEndpoint?.sslCertificateThumbprint === undefined
      ? {}
      : { sslThumbPrint: downloadEndpoint.sslCertificateThumbprint }),
  };
  const address = { kind: 'download', sessionId: downloadSessionId, file } as const;
  const open = async (start: number) => {
    const range = start === 0 || size === undefined ? {} : { range: { start, end: size } };
    const { bytes, size: whole } = await vcenter.files.download({ ...address, ...range }, { signal });
    return { bytes, offset: 'range' in range ? start : 0, size: whole ?? size };
  };
  return takeFile(blobs, { name, blob: `${prefix}/${name}`, open, signal });
}

/** A file is asked for, and there some time later. */
async function prepared(
  { contentLibrary }: ItemStageParts['vcenter'],
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
