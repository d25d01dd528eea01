export type { ByteRange } from './byte-range.ts';
export { type ChunkMemory, type ChunkPool, createChunkPool } from './chunk-pool.ts';
export {
  ChecksumAlgorithm,
  ChecksumInfo,
  CopyContentItem,
  CreateContentItem,
  CreateLibrary,
  FindContentItems,
  FindLibraries,
  ItemFileInfo,
  ItemStorageInfo,
  LibraryContent,
  LibraryItemModel,
  LibraryModel,
  LibraryType,
  libraryTextProblems,
  StorageBacking,
  StoredLibrary,
  StoredLibraryItem,
  UpdateContentItem,
  UpdateLibrary,
} from './content-library.ts';
export {
  applyDownloadEvent,
  canApplyDownloadEvent,
  type DownloadEffect,
  type DownloadEvent,
  type DownloadStep,
  downloadEffectsOf,
  downloadMachine,
} from './download-machine.ts';
export {
  CreateDownloadSession,
  DownloadFileInfo,
  DownloadSession,
  DownloadSessionModel,
  DownloadSessionState,
  EndpointType,
  PrepareStatus,
} from './download-session.ts';
export {
  type ErrorKind,
  ErrorType,
  errorKinds,
  fromStandardError,
  isErrorKind,
  SessionError,
  type SessionErrorOptions,
  StandardError,
  toStandardError,
} from './errors.ts';
export {
  applyExportEvent,
  canApplyExportEvent,
  type ExportEffect,
  type ExportEvent,
  type ExportStep,
  exportCanReach,
  exportEffectsOf,
  exportMachine,
  exportStatesBetween,
  type Prepared,
} from './export-machine.ts';
export {
  CreateExportSession,
  ExportCreateSpec,
  ExportInfo,
  ExportPreview,
  ExportPreviewSpec,
  ExportSession,
  ExportState,
  exportPreviewProblems,
  exportProblems,
  SourceInfo,
  TargetContentType,
  TargetType,
} from './export-session.ts';
export { passes } from './filter.ts';
export { guestOsOf } from './guest-os.ts';
export type { DescriptorRead, ImportEffect, ImportEvent, Instantiated } from './import-event.ts';
export {
  applyImportEvent,
  canApplyImportEvent,
  type ImportStep,
  importCanReach,
  importEffectsOf,
  importMachine,
  importStatesBetween,
  isImportOver,
  startImport,
} from './import-machine.ts';
export {
  CreateImportSession,
  FileTransferMode,
  ImportCreateSpec,
  ImportInfo,
  ImportPreview,
  ImportSession,
  ImportState,
  importCreateSpecProblems,
  OvfValidationResult,
  PreviewFile,
  ProbeResult,
  ProbeStatus,
  PushSourceContentType,
  PushSourceOvfOption,
  SourceType,
} from './import-session.ts';
export {
  ClusterFilter,
  ClusterInfo,
  ClusterSummary,
  DatacenterFilter,
  DatacenterInfo,
  DatacenterSummary,
  DatastoreFilter,
  DatastoreInfo,
  DatastoreSummary,
  FolderFilter,
  FolderSummary,
  FolderType,
  HardwareVersionFilter,
  HardwareVersionSummary,
  HostFilter,
  HostSummary,
  NetworkFilter,
  NetworkSummary,
  PowerState,
  ResourcePoolFilter,
  ResourcePoolInfo,
  ResourcePoolSummary,
  StoragePolicyFilter,
  StoragePolicySummary,
  VappFilter,
  VappSummary,
  VmFilter,
  VmInfo,
  VmSummary,
} from './inventory.ts';
export type { ItemSession } from './item-session.ts';
export {
  type Judgement,
  type Remark,
  type RemarkSubject,
  remarkMessage,
  remarkSubjectOf,
  remarkSubjects,
} from './judgement.ts';
export {
  CreateLibraryItem,
  CreateLibraryItemResult,
  DeployLibraryItem,
  DeploymentResult,
  DeploymentTarget,
  FilterLibraryItem,
  OvfSummary,
  ResourcePoolDeploymentSpec,
  StorageGroupMapping,
  StorageGroupMappingType,
} from './library-item.ts';
export {
  DateTimeFormat,
  LocalizableMessage,
  LocalizationParam,
  message,
  NestedLocalizableMessage,
} from './localizable-message.ts';
export { type NearPool, nearPool } from './near-pool.ts';
export { FileType, HttpUploadMethod, OvfFileInfo, SessionFile, SessionMember } from './ovf-file.ts';
export { Capability, exportFlags, importFlags, OvfFlag } from './ovf-flag.ts';
export {
  OvfError,
  OvfInfo,
  OvfMessage,
  OvfMessageCategory,
  OvfWarning,
  ParseIssue,
  ParseIssueCategory,
  ResultInfo,
} from './ovf-message.ts';
export {
  BindingStatus,
  DatastoreInaccessibleReason,
  DiskProvisioningType,
  GuestCustomizationType,
  IpAllocationPolicy,
  IpAllocationScheme,
  IpProtocol,
  NetworkInaccessibleReason,
  Property,
  VcenterGuestCustomization,
  WarningType,
} from './ovf-params.ts';
export { findParams, type KnownOvfParams, OvfParams, OvfParamsList, ovfParamsStructures } from './ovf-params-list.ts';
export type { BlobStore } from './ports/blob-store.ts';
export type {
  ContentItemService,
  ContentLibraryServices,
  DownloadSessionFileService,
  DownloadSessionService,
  ItemFileService,
  ItemStorageService,
  LibraryService,
  LocalLibraryService,
  UpdateSessionFileService,
  UpdateSessionService,
} from './ports/content-library.ts';
export type {
  Inventory,
  InventoryFeatures,
  InventoryServices,
  NewEntity,
  OutOfReach,
  PowerService,
  RunningPlace,
  Staged,
  Staging,
} from './ports/inventory.ts';
export type { Library } from './ports/library.ts';
export type { PulledFile, PullRequest, PullSource } from './ports/pull-source.ts';
export type {
  BackendFeatures,
  CallOptions,
  Download,
  ExportSessionService,
  FileAddress,
  FileService,
  FileSessionKind,
  ImportSessionService,
  KnownBytes,
  LibraryItemService,
  ProbeImportSessionService,
  SessionBackend,
  SessionSummary,
  TransferFile,
  Upload,
  UploadState,
  Wanted,
} from './ports/session-backend.ts';
export type { Keeping, Lease, LeaseTable, SessionStore, SessionTable, Versioned } from './ports/session-store.ts';
export { Privilege } from './privilege.ts';
export {
  applyProbeEvent,
  canApplyProbeEvent,
  type ProbeEffect,
  type ProbeEvent,
  type ProbeStep,
  probeCanReach,
  probeEffectsOf,
  probeMachine,
} from './probe-import-machine.ts';
export { CreateProbeImportSession, ProbeImportSession, ProbeInfo, ProbeState } from './probe-import-session.ts';
export type { CompletedFile, StartedFile } from './session-files.ts';
export { Ref } from './structure.ts';
export {
  type ArrivedFile,
  applyUpdateEvent,
  canApplyUpdateEvent,
  type UpdateEffect,
  type UpdateEvent,
  type UpdateStep,
  updateEffectsOf,
  updateMachine,
} from './update-machine.ts';
export {
  CreateUpdateSession,
  TransferEndpoint,
  TransferSourceType,
  TransferStatus,
  UpdateFile,
  UpdateFileInfo,
  UpdateFileSpec,
  UpdateSession,
  UpdateSessionModel,
  UpdateSessionState,
  UpdateValidation,
} from './update-session.ts';
export {
  BaseDisk,
  collectionsAround,
  collectionsIn,
  Entity,
  EntityChild,
  type EntityCollection,
  GuestCustomization,
  HardwareItem,
  IpAllocation,
  KeptSection,
  NetworkAdapter,
  Placement,
  ProductInfo,
  ServiceBinding,
  StoredFile,
  VirtualDisk,
  VirtualMachine,
  VirtualMachineProperty,
} from './virtual-machine.ts';
export { GuestIdentity } from './vm-guest.ts';
export { PowerAction, PowerInfo, powerAfter } from './vm-power.ts';
