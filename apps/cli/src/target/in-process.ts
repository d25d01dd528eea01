import { rm } from 'node:fs/promises';
import {
  type BlobStore,
  type FileService,
  type Inventory,
  type LibraryContent,
  type PullSource,
  type SessionBackend,
  SessionError,
  type StoredLibraryItem,
} from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import type { PackageReader } from '@ovfkit/package-format';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { createInPlaceBlobs, type InPlaceBlobs } from './in-place-blobs.ts';
import { withRecentLists } from './recent-lists.ts';
import { type OnBytes, watchedBlobs } from './watched-blobs.ts';

/** Sessions that run in this process, over an inventory that has none of its own. */
export interface InProcess {
  readonly backend: SessionBackend;
  /** The files of this package are taken where they are, and not copied. */
  lend(reader: PackageReader): void;
  /** From now on sessions know a package that the target has itself, under the id of its item there; `read` puts its texts into blobs. */
  lendItem(id: string, read: (blobs: BlobStore) => Promise<LentItem>): Promise<void>;
  /**
   * Ends what runs. Everything that was kept on this machine goes, or is left for another process to go on with; twice is no error, and the
   * first counts.
   */
  close(what?: 'gone' | 'left'): Promise<void>;
}

export interface InProcessOptions {
  /** `blobs` has the bytes of what is made, and takes those of what is exported. */
  readonly inventoryOver: (blobs: BlobStore) => Inventory;
  /** Made here, and removed at the end: where bytes of exports rest on their way. */
  readonly folder: string;
  /** Whether sessions go on that an earlier process has left in the folder, and are kept there. Otherwise they end with the process. */
  readonly sessions?: 'kept' | 'passing' | undefined;
  /** `direct`: what is exported is on the disk when it is here, for it is linked to where it goes and not copied. */
  readonly disk?: 'direct' | 'passing' | undefined;
  /** Told of bytes that pass between this machine and the inventory. */
  readonly onBytes: OnBytes;
}

/** A package in the library of a target. */
export type LentItem = Pick<StoredLibraryItem, 'libraryId' | 'name'> & { readonly files: readonly LibraryContent[] };

function storedItem(id: string, { libraryId, name, files }: LentItem): StoredLibraryItem {
  const versions = { version: 1, metadataVersion: 1, contentVersion: 1 };
  const stored = files.map((file) => ({ ...file, version: 1 }));
  const made = { owner: 'local', clientToken: id, description: '', type: 'ovf', createdAt: 0, modifiedAt: 0 };
  return { id, libraryId, name, files: stored, ...versions, ...made };
}

/** What is fetched for a target without sessions is fetched by its client, and sent like every other package. */
const noPull: PullSource = {
  open: () => Promise.reject(new SessionError('UNSUPPORTED', 'Nothing is pulled in this process.')),
  thumbprint: async () => undefined,
};

interface Beside {
  readonly blobs: Pick<InPlaceBlobs, 'know'>;
  readonly store: Pick<LocalStore, 'fileOf'>;
}

/** Believes what a sender knows of a file, and tells a receiver where one lies. */
const besideTheFiles = (own: FileService, { blobs, store }: Beside): FileService => ({
  ...own,
  async download(input, options) {
    const download = await own.download(input, options);
    const { range, file } = input;
    const path = range === undefined ? await store.fileOf(file.sha256 ?? '') : undefined;
    return path === undefined ? download : { ...download, path };
  },
  uploadState(input, options) {
    if (input.known?.sha256 !== undefined) blobs.know(input.file.name, input.known.sha256);
    return own.uploadState(input, options);
  },
});

/** An engine in a temporary folder. Whoever opens it closes it. */
export async function openInProcess({
  inventoryOver,
  folder,
  sessions = 'passing',
  disk = 'passing', // whoever goes on has seen that the machine did not start anew since
  onBytes,
}: InProcessOptions): Promise<InProcess> {
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const store = await openLocalStore(folder, { database: sessions === 'kept' ? 'file' : 'memory', disk });
    const blobs = createInPlaceBlobs(store.blobs);
    const items = new Map<string, StoredLibraryItem>();
    const lentBlobs = () => [...items.values()].flatMap(({ files }) => files.map(({ blob }) => blob));
    const engine = createEngine({
      sessions: store.sessions,
      blobs,
      inventory: withRecentLists(inventoryOver(watchedBlobs(blobs, onBytes))),
      library: {
        ...store.library,
        item: async (id) => items.get(id) ?? store.library.item(id),
        held: async (keys) => new Set([...(await store.library.held(keys)), ...blobs.lent(keys), ...lentBlobs()]),
      },
      pull: noPull,
    });
    await engine.start();
    let isOpen = true;
    const own = engine.backendFor({ user: 'local', isAdmin: true });
    const backend: SessionBackend = { ...own, files: besideTheFiles(own.files, { blobs, store }) };
    return {
      backend,
      lend: (reader) => blobs.lend(reader),
      async lendItem(id, read) {
        items.set(id, storedItem(id, await read(blobs)));
      },
      async close(what = 'gone') {
        if (!isOpen) return;
        isOpen = false;
        await engine.close();
        await store.close();
        if (what === 'gone') await removeFolder();
      },
    };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
