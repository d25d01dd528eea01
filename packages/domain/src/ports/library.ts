import type { ByteRange } from '../byte-range.ts';

export interface LibraryFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; absent while the library has not computed it. */
  readonly sha256?: string;
}

export interface LibraryItem {
  readonly id: string;
  readonly libraryId: string;
  readonly name: string;
  readonly files: readonly LibraryFile[];
}

/** A content library as a source and a target of packages. */
export interface Library {
  /** @throws SessionError NOT_FOUND */
  item(id: string): Promise<LibraryItem>;
  /** @throws SessionError NOT_FOUND, RESOURCE_INACCESSIBLE */
  read(itemId: string, file: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /**
   * Makes an item, or replaces the files of `itemId`; all or nothing. Resolves to the item's id.
   * @throws SessionError NOT_FOUND, ALREADY_EXISTS, UNABLE_TO_ALLOCATE_RESOURCE
   */
  store(request: {
    readonly libraryId: string;
    readonly itemId?: string;
    readonly name: string;
    readonly description?: string;
    readonly files: AsyncIterable<LibraryFile & { readonly bytes: AsyncIterable<Uint8Array> }>;
  }): Promise<string>;
}
