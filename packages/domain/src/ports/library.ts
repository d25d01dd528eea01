import type { StoredLibrary, StoredLibraryItem } from '../content-library.ts';

/**
 * Content libraries and their items, as documents. The bytes of items are in a `BlobStore`, by the keys that the items
 * name; several items may name one key. What resolves is durable, and a change is made as a whole or not at all.
 */
export interface Library {
  /** Keeps a new library, unless its owner made one with the same client token: then that one is given and nothing changes. */
  insertLibrary(library: StoredLibrary): Promise<StoredLibrary>;
  /** Oldest first. Names need not be unique. */
  libraries(): Promise<readonly StoredLibrary[]>;
  /** @throws SessionError NOT_FOUND */
  library(id: string): Promise<StoredLibrary>;
  /**
   * Replaces a library; resolves to it with its version raised by one.
   * @throws SessionError NOT_FOUND; CONCURRENT_CHANGE when `library.version` is not the current one
   */
  replaceLibrary(library: StoredLibrary): Promise<StoredLibrary>;
  /** With its items. @throws SessionError NOT_FOUND */
  deleteLibrary(id: string): Promise<void>;
  /**
   * Keeps a new item, unless its owner made one with the same client token: then that one is given and nothing changes.
   * @throws SessionError NOT_FOUND (no such library), ALREADY_EXISTS (the library has an item of that name)
   */
  insertItem(item: StoredLibraryItem): Promise<StoredLibraryItem>;
  /** Of one library, or of all; oldest first. */
  items(filter: { readonly libraryId?: string }): Promise<readonly StoredLibraryItem[]>;
  /** @throws SessionError NOT_FOUND */
  item(id: string): Promise<StoredLibraryItem>;
  /**
   * Replaces an item, its files included; resolves to it with its version raised by one. Its library stays.
   * @throws SessionError NOT_FOUND, ALREADY_EXISTS; CONCURRENT_CHANGE when `item.version` is not the current one
   */
  replaceItem(item: StoredLibraryItem): Promise<StoredLibraryItem>;
  /** @throws SessionError NOT_FOUND */
  deleteItem(id: string): Promise<void>;
  /** Those of `blobs` that an item names. */
  held(blobs: readonly string[]): Promise<ReadonlySet<string>>;
}
