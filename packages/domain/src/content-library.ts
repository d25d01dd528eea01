import { z } from 'zod';
import { Id, Long, openEnum, structure } from './structure.ts';

const text = z.exactOptional(z.string());
const long = z.exactOptional(Long);

export const LibraryType = z.enum(['LOCAL', 'SUBSCRIBED']);
export type LibraryType = z.infer<typeof LibraryType>;
export const ChecksumAlgorithm = z.enum(['SHA1', 'MD5', 'SHA256', 'SHA512']);
export type ChecksumAlgorithm = z.infer<typeof ChecksumAlgorithm>;

/** `algorithm` absent counts as `SHA1`; `checksum` is hexadecimal in any case. */
export const ChecksumInfo = structure({
  algorithm: z.exactOptional(openEnum(ChecksumAlgorithm)),
  checksum: z.string(),
});
export type ChecksumInfo = z.infer<typeof ChecksumInfo>;
/** Where a library keeps its files: a datastore, or a file system by `storageUri`. */
export const StorageBacking = structure({ type: z.string(), datastoreId: z.exactOptional(Id), storageUri: text });
export type StorageBacking = z.infer<typeof StorageBacking>;

/** A library (`com.vmware.content.library_model`), whole and as what a create or an update asks for. Times are ISO 8601. */
export const LibraryModel = structure({
  id: z.exactOptional(Id),
  name: text,
  description: text,
  type: z.exactOptional(openEnum(LibraryType)),
  storageBackings: z.exactOptional(z.array(StorageBacking)),
  creationTime: text,
  lastModifiedTime: text,
  /** Raised by every change; an update that brings one is refused when it is not the current one. */
  version: text,
  serverGuid: text,
});
export type LibraryModel = z.infer<typeof LibraryModel>;
export const CreateLibrary = structure({ clientToken: text, createSpec: LibraryModel });
export type CreateLibrary = z.infer<typeof CreateLibrary>;
export const UpdateLibrary = structure({ libraryId: Id, updateSpec: LibraryModel });
export type UpdateLibrary = z.infer<typeof UpdateLibrary>;
/** Names are compared without regard to case; absent fields do not restrict. */
export const FindLibraries = structure({
  spec: structure({ name: text, type: z.exactOptional(openEnum(LibraryType)) }),
});
export type FindLibraries = z.infer<typeof FindLibraries>;

/** An item (`com.vmware.content.library.item_model`), whole and as what a create or an update asks for. */
export const LibraryItemModel = structure({
  id: z.exactOptional(Id),
  libraryId: z.exactOptional(Id),
  name: text,
  description: text,
  /** `ovf` for packages; others are kept as they come. */
  type: text,
  sourceId: z.exactOptional(Id),
  cached: z.exactOptional(z.boolean()),
  /** Bytes of all files. */
  size: long,
  creationTime: text,
  lastModifiedTime: text,
  /** Raised by every change of name or description. */
  metadataVersion: text,
  /** Raised by every change of the files. */
  contentVersion: text,
  /** Raised by either. */
  version: text,
});
export type LibraryItemModel = z.infer<typeof LibraryItemModel>;
export const CreateContentItem = structure({ clientToken: text, createSpec: LibraryItemModel });
export type CreateContentItem = z.infer<typeof CreateContentItem>;
export const UpdateContentItem = structure({ libraryItemId: Id, updateSpec: LibraryItemModel });
export type UpdateContentItem = z.infer<typeof UpdateContentItem>;
export const CopyContentItem = structure({
  sourceLibraryItemId: Id,
  clientToken: text,
  destinationCreateSpec: LibraryItemModel,
});
export type CopyContentItem = z.infer<typeof CopyContentItem>;
export const FindContentItems = structure({
  spec: structure({
    libraryId: z.exactOptional(Id),
    name: text,
    type: text,
    sourceId: z.exactOptional(Id),
    cached: z.exactOptional(z.boolean()),
  }),
});
export type FindContentItems = z.infer<typeof FindContentItems>;

/** A file of an item. `version` is the content version that brought it. */
export const ItemFileInfo = structure({
  name: z.string(),
  size: long,
  version: text,
  cached: z.exactOptional(z.boolean()),
  checksumInfo: z.exactOptional(ChecksumInfo),
});
export type ItemFileInfo = z.infer<typeof ItemFileInfo>;
/** The same with where it lies. */
export const ItemStorageInfo = structure({
  ...ItemFileInfo.shape,
  storageBacking: z.exactOptional(StorageBacking),
  storageUris: z.exactOptional(z.array(z.string())),
});
export type ItemStorageInfo = z.infer<typeof ItemStorageInfo>;

/** A library as it is kept. */
export const StoredLibrary = z.object({
  id: Id,
  /** Of whoever made it; with `clientToken` it names the request. */
  owner: z.string(),
  clientToken: z.string(),
  name: z.string(),
  description: z.string(),
  storageBackings: z.array(StorageBacking),
  version: Long,
  /** Milliseconds since 1970; so is `modifiedAt`. */
  createdAt: Long,
  modifiedAt: Long,
});
export type StoredLibrary = z.infer<typeof StoredLibrary>;

/** Bytes of a library, kept by a `BlobStore`. */
export const LibraryContent = z.object({
  name: z.string(),
  /** Key in the blob store. Several items may have one blob. */
  blob: z.string(),
  size: Long,
  sha256: z.string(),
});
export type LibraryContent = z.infer<typeof LibraryContent>;

/** An item as it is kept, with its files in their order. */
export const StoredLibraryItem = z.object({
  id: Id,
  owner: z.string(),
  clientToken: z.string(),
  libraryId: Id,
  name: z.string(),
  description: z.string(),
  type: z.string(),
  /** The item it is a copy of. */
  sourceId: z.exactOptional(Id),
  /** `version` is the content version that brought the file. */
  files: z.array(LibraryContent.extend({ version: Long })),
  version: Long,
  metadataVersion: Long,
  contentVersion: Long,
  createdAt: Long,
  modifiedAt: Long,
});
export type StoredLibraryItem = z.infer<typeof StoredLibraryItem>;

const maxNameLength = 80;
const maxDescriptionLength = 2000;

/** What is wrong with a name or a description of a library or an item; empty when nothing is. */
export function libraryTextProblems({ name, description = '' }: Pick<LibraryModel, 'name' | 'description'>): string[] {
  const problems: string[] = [];
  if (name !== undefined && (name === '' || name.length > maxNameLength))
    problems.push(`name has to have 1 to ${maxNameLength} characters; it has ${name.length}.`);
  if (description.length > maxDescriptionLength)
    problems.push(`description may have ${maxDescriptionLength} characters; it has ${description.length}.`);
  return problems;
}
