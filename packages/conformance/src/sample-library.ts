import type { StoredLibrary, StoredLibraryItem } from '@ovfkit/domain';
import { sha256 } from './sample-bytes.ts';

/** A library, every field set. */
export const sampleLibrary = (facts: Partial<StoredLibrary> & Pick<StoredLibrary, 'id'>): StoredLibrary => ({
  owner: 'alice',
  clientToken: `token of ${facts.id}`,
  name: `Bibliothek "${facts.id}" ☃`,
  description: "O'Brien\u0000\n",
  storageBackings: [{ type: 'DATASTORE', datastoreId: 'datastore-11' }],
  version: 1,
  createdAt: 1000,
  modifiedAt: 2000,
  ...facts,
});

/** An item with two files, every field set. */
export const sampleLibraryItem = (
  facts: Partial<StoredLibraryItem> & Pick<StoredLibraryItem, 'id' | 'libraryId'>,
): StoredLibraryItem => ({
  owner: 'alice',
  clientToken: `token of ${facts.id}`,
  name: `Eintrag "${facts.id}" ☃`,
  description: '',
  type: 'ovf',
  sourceId: 'another',
  files: ['app.ovf', '__proto__'].map((name) => ({
    name,
    blob: `update/${facts.id}/${name}`,
    size: Number.MAX_SAFE_INTEGER,
    sha256: sha256(name),
    version: 2,
  })),
  version: 1,
  metadataVersion: 3,
  contentVersion: 2,
  createdAt: 1000,
  modifiedAt: 2000,
  ...facts,
});
