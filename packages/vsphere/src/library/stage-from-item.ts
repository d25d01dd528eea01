import {
  type BlobStore,
  type SessionBackend,
  SessionError,
  type Staged,
  type Staging,
  type StoredFile,
} from '@ovfkit/domain';
import { isDescriptorName, isSealName, readAll } from '@ovfkit/package-format';
import { atOnce } from '../import/at-once.ts';
import { itemNameOf } from '../import-mark.ts';
import { takeFromItem, withDownloadSession } from './item-download.ts';
import { failedInLibrary } from './library-failure.ts';
import { removeItem, removeItems } from './staged-item.ts';

export interface ItemStageParts {
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'libraryItem' | 'files'>;
  readonly blobs: Pick<BlobStore, 'append' | 'delete' | 'read' | 'seal' | 'sealed' | 'size'>;
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

async function download(parts: ItemStageParts, { prefix, ...item }: FromItem): Promise<Staged> {
  return withDownloadSession(parts.vcenter, item, async (downloadSessionId) => {
    const { signal } = item;
    const listed = await parts.vcenter.contentLibrary.downloadSessionFile.list({ downloadSessionId }, { signal });
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
