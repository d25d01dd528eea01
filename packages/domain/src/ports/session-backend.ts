import type { ByteRange } from '../byte-range.ts';
import type { ChunkMemory } from '../chunk-pool.ts';
import type {
  CreateExportSession,
  ExportInfo,
  ExportPreview,
  ExportPreviewSpec,
  SourceInfo,
} from '../export-session.ts';
import type {
  CreateImportSession,
  ImportInfo,
  ImportPreview,
  OvfValidationResult,
  ProbeResult,
} from '../import-session.ts';
import type {
  CreateLibraryItem,
  CreateLibraryItemResult,
  DeployLibraryItem,
  DeploymentResult,
  FilterLibraryItem,
  OvfSummary,
} from '../library-item.ts';
import type { OvfFileInfo } from '../ovf-file.ts';
import type { Capability, OvfFlag } from '../ovf-flag.ts';
import type { OvfParams } from '../ovf-params-list.ts';
import type { CreateProbeImportSession, ProbeInfo } from '../probe-import-session.ts';
import type { ContentLibraryServices } from './content-library.ts';
import type { InventoryServices } from './inventory.ts';

/** What every call takes beside its input. */
export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. The server may have acted all the same. */
  readonly signal?: AbortSignal;
  /** BCP 47 tag for messages. */
  readonly locale?: string;
}

interface ById {
  readonly id: string;
}

interface Instantiation extends ById {
  /** The whole set each time; nothing is remembered between calls. */
  readonly instantiationParameters: readonly OvfParams[];
}

interface Progress extends ById {
  /** 0 to 100, never lower than before. */
  readonly percent: number;
}

/** One session of a list, which is ovfkit's own: the contract has none. */
export interface SessionSummary {
  readonly id: string;
  readonly state: string;
  /** Percent. */
  readonly progress: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** `com.vmware.vcenter.ovf.import_session` (contract, section 3). */
export interface ImportSessionService {
  /**
   * Resolves to the session's id; the same `clientToken` gives the same session.
   * @throws SessionError INVALID_ARGUMENT, NOT_FOUND, RESOURCE_INACCESSIBLE, UNAUTHORIZED
   */
  createForResourcePool(input: CreateImportSession, options?: CallOptions): Promise<string>;
  /** @throws SessionError NOT_FOUND when it was deleted or timed out */
  get(input: ById, options?: CallOptions): Promise<ImportInfo>;
  /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE; invalid values come back in `errors` */
  tryInstantiate(input: Instantiation, options?: CallOptions): Promise<OvfValidationResult>;
  /** Starts it and returns; not idempotent. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE, INVALID_ARGUMENT */
  instantiate(input: Instantiation, options?: CallOptions): Promise<void>;
  /** @throws SessionError NOT_FOUND, INVALID_ARGUMENT, NOT_ALLOWED_IN_CURRENT_STATE, tested in this order */
  progress(input: Progress, options?: CallOptions): Promise<void>;
  /** Cancels and frees; an unknown id succeeds. */
  delete(input: ById, options?: CallOptions): Promise<void>;
  /** @throws SessionError INVALID_ARGUMENT */
  preview(input: { readonly ovfDescriptor: string }, options?: CallOptions): Promise<ImportPreview>;
  /** Failures are values of `status`. */
  probe(
    input: { readonly uri: string; readonly sslCertificateThumbprint?: string },
    options?: CallOptions,
  ): Promise<ProbeResult>;
  /** The caller's sessions, oldest first. @throws SessionError UNSUPPORTED where `features.sessionList` is false */
  list(input: Record<never, never>, options?: CallOptions): Promise<readonly SessionSummary[]>;
}

/** `com.vmware.vcenter.ovf.probe_import_session` (contract, section 4). Errors as those of imports. */
export interface ProbeImportSessionService {
  createProbeImportSession(input: CreateProbeImportSession, options?: CallOptions): Promise<string>;
  get(input: ById, options?: CallOptions): Promise<ProbeInfo>;
  tryInstantiate(input: Instantiation, options?: CallOptions): Promise<OvfValidationResult>;
  delete(input: ById, options?: CallOptions): Promise<void>;
}

/** `com.vmware.vcenter.ovf.export_session` (contract, section 5). */
export interface ExportSessionService {
  /** @throws SessionError NOT_FOUND, INVALID_ARGUMENT, NOT_ALLOWED_IN_CURRENT_STATE, RESOURCE_INACCESSIBLE, RESOURCE_BUSY */
  create(input: CreateExportSession, options?: CallOptions): Promise<string>;
  /** @throws SessionError NOT_FOUND when it was deleted or timed out */
  get(input: ById, options?: CallOptions): Promise<ExportInfo>;
  /** @throws SessionError NOT_FOUND, INVALID_ARGUMENT, NOT_ALLOWED_IN_CURRENT_STATE, tested in this order */
  progress(input: Progress, options?: CallOptions): Promise<void>;
  /** An unknown id succeeds. */
  delete(input: ById, options?: CallOptions): Promise<void>;
  /** @throws SessionError NOT_FOUND, INVALID_ARGUMENT, NOT_ALLOWED_IN_CURRENT_STATE, RESOURCE_INACCESSIBLE */
  preview(
    input: { readonly source: SourceInfo; readonly previewSpec: ExportPreviewSpec },
    options?: CallOptions,
  ): Promise<ExportPreview>;
  /** The caller's sessions, oldest first. @throws SessionError UNSUPPORTED where `features.sessionList` is false */
  list(input: Record<never, never>, options?: CallOptions): Promise<readonly SessionSummary[]>;
}

/** `com.vmware.vcenter.ovf.library_item` (contract, section 6.4). */
export interface LibraryItemService {
  create(input: CreateLibraryItem, options?: CallOptions): Promise<CreateLibraryItemResult>;
  deploy(input: DeployLibraryItem, options?: CallOptions): Promise<DeploymentResult>;
  filter(input: FilterLibraryItem, options?: CallOptions): Promise<OvfSummary>;
}

/** The kinds of sessions that have files; those of a content library are `update` and `download`. */
export type FileSessionKind = 'import' | 'probe' | 'export' | 'update' | 'download';

/** Which file of which session. */
export interface FileAddress {
  readonly kind: FileSessionKind;
  readonly sessionId: string;
  /** As the session last showed it. */
  readonly file: TransferFile;
}

/** What moving a file's bytes takes: its name, and of the rest of an `OvfFileInfo` what is known. */
export type TransferFile = Readonly<Partial<OvfFileInfo>> & { readonly name: string };

export interface Upload extends FileAddress {
  /** Where `bytes` begin in the file: 0, or what `uploadState` said. 0 starts the file anew. */
  readonly offset: number;
  /** Bytes of the whole file, when known. A shorter stream leaves the file incomplete. */
  readonly size?: number;
  /** Lower-case hex SHA-256 of the whole file, when known; a difference is refused (RFC 9530). */
  readonly sha256?: string;
  /** Read once. Chunks stay valid until they are released. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /**
   * Told a chunk of `bytes` that the backend will not read again: its owner may use the memory for another. A backend that cannot tell,
   * or has no use for it, never calls it.
   */
  readonly release?: (chunk: Uint8Array) => void;
}

/** The bytes of a whole file, by what their sender knows of them. */
export interface KnownBytes {
  readonly size: number;
  /** Lower-case hex; absent while the sender would have to read the file for it. */
  readonly sha256?: string;
}

export interface UploadState {
  /** Bytes that are kept. */
  readonly offset: number;
  readonly isComplete: boolean;
  /** Whether a sender that told the size alone should find out the digest and ask again: there may be nothing left to send. */
  readonly isDigestWanted?: boolean;
}

/** A file or a part of one. */
export interface Wanted extends FileAddress {
  readonly range?: ByteRange | undefined;
  /** Validator of the version the range is to be of; any when absent. Counts with a range only. */
  readonly etag?: string | undefined;
  /** Chunks may be put here, or elsewhere: they are the caller's, who knows when each was used. */
  readonly memory?: ChunkMemory | undefined;
}

export interface Download {
  /** Bytes of the whole file; absent while unknown. */
  readonly size?: number;
  /** Strong validator; the same as long as the bytes are. */
  readonly etag?: string;
  /**
   * Where the whole file lies on this machine, with the digest that the session tells of it, and written no more: who is on the same volume
   * may link it in place of reading `bytes`.
   */
  readonly path?: string;
  /** Read once; stopping early closes the transfer. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Bytes of sessions. */
export interface FileService {
  /**
   * Sends a file, or the rest of it. When `bytes` breaks off, what arrived is kept where `features.resumableUpload` is true.
   * @throws SessionError NOT_FOUND (no such session or file), CONCURRENT_CHANGE (wrong offset, or another upload of this
   *   file is under way), INVALID_ARGUMENT (digest or size differs), NOT_ALLOWED_IN_CURRENT_STATE
   */
  upload(input: Upload, options?: CallOptions): Promise<UploadState>;
  /**
   * How far an upload is. Told what the file will be, a backend that has the same bytes somewhere, where the caller may read
   * them, completes it with those, and nothing is left to send. Told its size alone, a backend that has bytes of that size there wants the digest.
   * @throws SessionError NOT_FOUND; UNSUPPORTED where `features.resumableUpload` is false; CONCURRENT_CHANGE while an upload of
   *   a `known` file is under way
   */
  uploadState(input: FileAddress & { readonly known?: KnownBytes }, options?: CallOptions): Promise<UploadState>;
  /** @throws SessionError NOT_FOUND, INVALID_ARGUMENT (range beyond the end), CONCURRENT_CHANGE (the range would be of another version) */
  download(input: Wanted, options?: CallOptions): Promise<Download>;
}

/** What a backend can do beyond the contract; what it cannot, it refuses with UNSUPPORTED. */
export interface BackendFeatures {
  /** `list` of sessions answers. */
  readonly sessionList: boolean;
  /** Uploads go on from an offset; otherwise a broken file starts anew. */
  readonly resumableUpload: boolean;
  /** The content library answers, and is a source and a target of sessions. */
  readonly contentLibrary: boolean;
  /** vApps are listed, started and deleted by `inventory.vapp`. */
  readonly vappList: boolean;
  /** `inventory.hardwareVersion` answers. */
  readonly hardwareVersions: boolean;
  /** `inventory.vm.markAsTemplate` makes templates. */
  readonly templates: boolean;
}

/**
 * Everything that can run a session: a vCenter over REST, the engine on its stores, a gateway. As one caller sees it:
 * who calls was settled when it was made.
 */
export interface SessionBackend {
  readonly features: BackendFeatures;
  readonly importSession: ImportSessionService;
  readonly probeImportSession: ProbeImportSessionService;
  readonly exportSession: ExportSessionService;
  readonly exportFlag: { list(input: Record<never, never>, options?: CallOptions): Promise<readonly OvfFlag[]> };
  /** @throws SessionError NOT_FOUND when the pool is unknown */
  readonly importFlag: { list(input: { readonly rp: string }, options?: CallOptions): Promise<readonly OvfFlag[]> };
  /** @throws SessionError INVALID_ARGUMENT when the GUID is malformed or another server's */
  readonly capability: { get(input: { readonly serverGuid: string }, options?: CallOptions): Promise<Capability> };
  readonly libraryItem: LibraryItemService;
  readonly contentLibrary: ContentLibraryServices;
  readonly inventory: InventoryServices;
  readonly files: FileService;
}
