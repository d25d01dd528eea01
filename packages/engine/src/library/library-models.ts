import type {
  DownloadFileInfo,
  DownloadSession,
  DownloadSessionModel,
  ItemFileInfo,
  ItemStorageInfo,
  LibraryContent,
  LibraryItemModel,
  LibraryModel,
  StoredLibrary,
  StoredLibraryItem,
  UpdateFile,
  UpdateFileInfo,
  UpdateSession,
  UpdateSessionModel,
} from '@ovfkit/domain';
import { blobKey, fileReference } from '../blob-key.ts';
import type { Core } from '../core.ts';
import { shownUrl } from '../pull/pull-address.ts';

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** A library as its clients see it. */
export const libraryModel = (core: Core, library: StoredLibrary): LibraryModel => ({
  id: library.id,
  name: library.name,
  description: library.description,
  type: 'LOCAL',
  storageBackings: library.storageBackings,
  creationTime: timeOf(library.createdAt),
  lastModifiedTime: timeOf(library.modifiedAt),
  version: String(library.version),
  serverGuid: core.serverGuid,
});

/** An item as its clients see it. */
export const itemModel = (item: StoredLibraryItem): LibraryItemModel => ({
  id: item.id,
  libraryId: item.libraryId,
  name: item.name,
  description: item.description,
  type: item.type,
  ...(item.sourceId === undefined ? {} : { sourceId: item.sourceId }),
  cached: true,
  size: item.files.reduce((total, { size }) => total + size, 0),
  creationTime: timeOf(item.createdAt),
  lastModifiedTime: timeOf(item.modifiedAt),
  metadataVersion: String(item.metadataVersion),
  contentVersion: String(item.contentVersion),
  version: String(item.version),
});

const checksumOf = ({ sha256 }: LibraryContent) => ({ algorithm: 'SHA256', checksum: sha256 }) as const;

/** A file of an item as its clients see it. */
export const itemFileInfo = (file: StoredLibraryItem['files'][number]): ItemFileInfo => ({
  name: file.name,
  size: file.size,
  version: String(file.version),
  cached: true,
  checksumInfo: checksumOf(file),
});

/** The same with where it lies: a place of this server's own, which no other program can read. */
export const itemStorageInfo = (
  { storageBackings: [backing] }: StoredLibrary,
  { id, libraryId, files }: StoredLibraryItem,
): readonly ItemStorageInfo[] =>
  files.map((file) => ({
    ...itemFileInfo(file),
    ...(backing === undefined ? {} : { storageBacking: backing }),
    storageUris: [`ovfkit:contentlib-${libraryId}/${id}/${encodeURIComponent(file.name)}`],
  }));

/** An update or a download session as its client sees it. */
export const itemSessionModel = (
  session: UpdateSession | DownloadSession,
): UpdateSessionModel & DownloadSessionModel => ({
  id: session.id,
  libraryItemId: session.libraryItemId,
  libraryItemContentVersion: String(session.contentVersion),
  ...('error' in session && session.error !== undefined ? { errorMessage: session.error } : {}),
  clientProgress: session.progress,
  state: session.state,
  expirationTime: timeOf(session.expiresAt),
});

/** A file of an update session as its client sees it, with the bytes that have arrived by now. */
export async function updateFileInfo(core: Core, session: UpdateSession, file: UpdateFile): Promise<UpdateFileInfo> {
  const { name, sourceType, sourceEndpoint, status, error, size, checksumInfo } = file;
  const address = { kind: 'update', id: session.id } as const;
  const isSent = sourceType === 'PUSH' && session.state === 'ACTIVE';
  return {
    name,
    sourceType,
    ...(isSent ? { uploadEndpoint: { uri: fileReference(address, name) } } : {}),
    ...(sourceEndpoint === undefined
      ? {}
      : { sourceEndpoint: { ...sourceEndpoint, uri: shownUrl(sourceEndpoint.uri) } }),
    bytesTransferred:
      status === 'TRANSFERRING'
        ? core.counts.get(blobKey(address, name)) || (await core.blobs.size(blobKey(address, name)))
        : file.bytesTransferred,
    status,
    ...(error === undefined ? {} : { errorMessage: error }),
    ...(size === undefined ? {} : { size }),
    ...(checksumInfo === undefined ? {} : { checksumInfo }),
  };
}

/** A file of a download session as its client sees it. */
export function downloadFileInfo({ id, state, prepared }: DownloadSession, file: LibraryContent): DownloadFileInfo {
  const isPrepared = prepared.includes(file.name);
  const uri = fileReference({ kind: 'download', id }, file.name);
  return {
    name: file.name,
    size: file.size,
    bytesTransferred: 0,
    status: isPrepared ? 'PREPARED' : 'UNPREPARED',
    ...(isPrepared && state === 'ACTIVE' ? { downloadEndpoint: { uri } } : {}),
    checksumInfo: checksumOf(file),
  };
}
