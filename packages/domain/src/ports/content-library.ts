import type {
  CopyContentItem,
  CreateContentItem,
  CreateLibrary,
  FindContentItems,
  FindLibraries,
  ItemFileInfo,
  ItemStorageInfo,
  LibraryItemModel,
  LibraryModel,
  UpdateContentItem,
  UpdateLibrary,
} from '../content-library.ts';
import type {
  CreateDownloadSession,
  DownloadFileInfo,
  DownloadSessionModel,
  EndpointType,
} from '../download-session.ts';
import type { ProbeResult } from '../import-session.ts';
import type {
  CreateUpdateSession,
  TransferEndpoint,
  UpdateFileInfo,
  UpdateFileSpec,
  UpdateSessionModel,
  UpdateValidation,
} from '../update-session.ts';
import type { CallOptions } from './session-backend.ts';

/** One operation of a service. */
type Call<Input, Output> = (input: Input, options?: CallOptions) => Promise<Output>;
type Nothing = Record<never, never>;
interface InLibrary {
  readonly libraryId: string;
}
interface OfItem {
  readonly libraryItemId: string;
}
interface OfUpdate {
  readonly updateSessionId: string;
}
interface OfDownload {
  readonly downloadSessionId: string;
}
interface FileName {
  readonly fileName: string;
}

/** `com.vmware.content.library`: libraries of every type. */
export interface LibraryService {
  /** Ids. */
  readonly list: Call<Nothing, readonly string[]>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<InLibrary, LibraryModel>;
  /** Ids. @throws SessionError INVALID_ARGUMENT when nothing is asked for */
  readonly find: Call<FindLibraries, readonly string[]>;
  /** With its items. @throws SessionError NOT_FOUND, RESOURCE_BUSY when an item is being updated */
  readonly delete: Call<InLibrary, void>;
}

/** `com.vmware.content.local_library`. Errors as those of `LibraryService`. */
export interface LocalLibraryService extends Omit<LibraryService, 'find'> {
  /** Resolves to the id; the same `clientToken` gives the same library. @throws SessionError INVALID_ARGUMENT, UNSUPPORTED */
  readonly create: Call<CreateLibrary, string>;
  /** What is absent stays. @throws SessionError NOT_FOUND, INVALID_ARGUMENT, CONCURRENT_CHANGE */
  readonly update: Call<UpdateLibrary, void>;
}

/** `com.vmware.content.library.item`. */
export interface ContentItemService {
  /** Ids. @throws SessionError NOT_FOUND */
  readonly list: Call<InLibrary, readonly string[]>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<OfItem, LibraryItemModel>;
  /** Ids. @throws SessionError INVALID_ARGUMENT when nothing is asked for */
  readonly find: Call<FindContentItems, readonly string[]>;
  /** Without files as yet; the same `clientToken` gives the same item. @throws SessionError NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS */
  readonly create: Call<CreateContentItem, string>;
  /** What is absent stays. @throws SessionError NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, CONCURRENT_CHANGE */
  readonly update: Call<UpdateContentItem, void>;
  /** With its files. @throws SessionError NOT_FOUND, RESOURCE_BUSY when it is being updated */
  readonly delete: Call<OfItem, void>;
  /** Resolves to the id of the copy. Errors as `create`. */
  readonly copy: Call<CopyContentItem, string>;
}

/** `com.vmware.content.library.item.file`. */
export interface ItemFileService {
  /** @throws SessionError NOT_FOUND */
  readonly list: Call<OfItem, readonly ItemFileInfo[]>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<OfItem & { readonly name: string }, ItemFileInfo>;
}

/** `com.vmware.content.library.item.storage`. */
export interface ItemStorageService {
  /** @throws SessionError NOT_FOUND */
  readonly list: Call<OfItem, readonly ItemStorageInfo[]>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<OfItem & FileName, readonly ItemStorageInfo[]>;
}

/** `com.vmware.content.library.item.update_session`: an item's files change when one is completed, and not before. */
export interface UpdateSessionService {
  /** The same `clientToken` gives the same session. @throws SessionError NOT_FOUND, INVALID_ARGUMENT, RESOURCE_BUSY */
  readonly create: Call<CreateUpdateSession, string>;
  /** @throws SessionError NOT_FOUND when it was deleted or timed out */
  readonly get: Call<OfUpdate, UpdateSessionModel>;
  /** Ids of the caller's, of one item or of all. */
  readonly list: Call<Partial<OfItem>, readonly string[]>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly keepAlive: Call<OfUpdate & { readonly clientProgress?: number }, void>;
  /**
   * Gives the files to the item. When this resolves the session has ended, unless files are still pulled: then it ends by
   * itself. Files that are at fault end it in `ERROR`.
   * @throws SessionError NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE when it is over or something was not sent
   */
  readonly complete: Call<OfUpdate, void>;
  /** The item stays as it was. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly cancel: Call<OfUpdate, void>;
  /** As `cancel`, but the session ends in `ERROR` with the client's words. */
  readonly fail: Call<OfUpdate & { readonly clientErrorMessage: string }, void>;
  /** @throws SessionError NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE while it is active */
  readonly delete: Call<OfUpdate, void>;
}

/** `com.vmware.content.library.item.updatesession.file`. */
export interface UpdateSessionFileService {
  /**
   * A pull begins at once. @throws SessionError NOT_FOUND, INVALID_ARGUMENT, ALREADY_EXISTS, UNSUPPORTED;
   *   NOT_ALLOWED_IN_CURRENT_STATE when the session is over, or for a manifest or a certificate after the descriptor
   */
  readonly add: Call<OfUpdate & { readonly fileSpec: UpdateFileSpec }, UpdateFileInfo>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<OfUpdate & FileName, UpdateFileInfo>;
  /** @throws SessionError NOT_FOUND */
  readonly list: Call<OfUpdate, readonly UpdateFileInfo[]>;
  /** A file of the session, else one of the item. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly remove: Call<OfUpdate & FileName, void>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly validate: Call<OfUpdate, UpdateValidation>;
  /** Whether a source can be pulled from; failures are values of `status`. */
  readonly probe: Call<{ readonly sourceEndpoint: TransferEndpoint }, ProbeResult>;
}

/** `com.vmware.content.library.item.download_session`. */
export interface DownloadSessionService {
  /** The same `clientToken` gives the same session. @throws SessionError NOT_FOUND, INVALID_ARGUMENT */
  readonly create: Call<CreateDownloadSession, string>;
  /** @throws SessionError NOT_FOUND when it was deleted or timed out */
  readonly get: Call<OfDownload, DownloadSessionModel>;
  /** Ids of the caller's, of one item or of all. */
  readonly list: Call<Partial<OfItem>, readonly string[]>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly keepAlive: Call<OfDownload & { readonly progress?: number }, void>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly cancel: Call<OfDownload, void>;
  /** @throws SessionError NOT_FOUND */
  readonly delete: Call<OfDownload, void>;
}

/** `com.vmware.content.library.item.downloadsession.file`. */
export interface DownloadSessionFileService {
  /** @throws SessionError NOT_FOUND */
  readonly list: Call<OfDownload, readonly DownloadFileInfo[]>;
  /** @throws SessionError NOT_FOUND */
  readonly get: Call<OfDownload & FileName, DownloadFileInfo>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE, UNSUPPORTED (`DIRECT`) */
  readonly prepare: Call<OfDownload & FileName & { readonly endpointType?: EndpointType | string }, DownloadFileInfo>;
}

/** The content library's services, by vCenter's names. Where `features.contentLibrary` is false each refuses. */
export interface ContentLibraryServices {
  readonly library: LibraryService;
  readonly localLibrary: LocalLibraryService;
  readonly item: ContentItemService;
  readonly itemFile: ItemFileService;
  readonly itemStorage: ItemStorageService;
  readonly updateSession: UpdateSessionService;
  readonly updateSessionFile: UpdateSessionFileService;
  readonly downloadSession: DownloadSessionService;
  readonly downloadSessionFile: DownloadSessionFileService;
}
