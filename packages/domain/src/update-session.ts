import { z } from 'zod';
import { ChecksumInfo, LibraryContent } from './content-library.ts';
import { ItemSession, itemSessionFields } from './item-session.ts';
import { LocalizableMessage } from './localizable-message.ts';
import { Long, openEnum, structure } from './structure.ts';

const text = z.exactOptional(z.string());
const long = z.exactOptional(Long);

export const UpdateSessionState = z.enum(['ACTIVE', 'DONE', 'ERROR', 'CANCELED']);
export type UpdateSessionState = z.infer<typeof UpdateSessionState>;
export const TransferSourceType = z.enum(['NONE', 'PUSH', 'PULL']);
export type TransferSourceType = z.infer<typeof TransferSourceType>;
export const TransferStatus = z.enum(['WAITING_FOR_TRANSFER', 'TRANSFERRING', 'READY', 'VALIDATING', 'ERROR']);
export type TransferStatus = z.infer<typeof TransferStatus>;

/** A change of an item's files (`com.vmware.content.library.item.update_session_model`). */
export const UpdateSessionModel = structure({
  ...itemSessionFields,
  state: z.exactOptional(openEnum(UpdateSessionState)),
});
export type UpdateSessionModel = z.infer<typeof UpdateSessionModel>;
export const CreateUpdateSession = structure({ clientToken: text, createSpec: UpdateSessionModel });
export type CreateUpdateSession = z.infer<typeof CreateUpdateSession>;

/** Where bytes are sent to or fetched from. A relative `uri` is one that the backend itself serves. */
export const TransferEndpoint = structure({
  uri: z.string(),
  /** SHA-1 of the certificate; `sslCertificate` is the certificate itself in PEM. */
  sslCertificateThumbprint: text,
  sslCertificate: text,
});
export type TransferEndpoint = z.infer<typeof TransferEndpoint>;
/** What a client announces of a file. */
export const UpdateFileSpec = structure({
  name: z.string(),
  sourceType: openEnum(TransferSourceType),
  sourceEndpoint: z.exactOptional(TransferEndpoint),
  size: long,
  checksumInfo: z.exactOptional(ChecksumInfo),
});
export type UpdateFileSpec = z.infer<typeof UpdateFileSpec>;
/** A file of an update session as its client sees it. */
export const UpdateFileInfo = structure({
  ...UpdateFileSpec.shape,
  uploadEndpoint: z.exactOptional(TransferEndpoint),
  bytesTransferred: long,
  status: openEnum(TransferStatus),
  errorMessage: z.exactOptional(LocalizableMessage),
});
export type UpdateFileInfo = z.infer<typeof UpdateFileInfo>;
export const UpdateValidation = structure({
  hasErrors: z.boolean(),
  missingFiles: z.exactOptional(z.array(z.string())),
  invalidFiles: z.exactOptional(
    z.array(structure({ name: z.string(), errorMessage: z.exactOptional(LocalizableMessage) })),
  ),
});
export type UpdateValidation = z.infer<typeof UpdateValidation>;

/** A file of an update session as the session keeps it. */
export const UpdateFile = z.object({
  name: z.string(),
  sourceType: TransferSourceType,
  sourceEndpoint: z.exactOptional(TransferEndpoint),
  status: TransferStatus,
  /** As announced; absent when nobody said. */
  size: long,
  checksumInfo: z.exactOptional(ChecksumInfo),
  bytesTransferred: Long,
  error: z.exactOptional(LocalizableMessage),
  /** What it brings to the item: itself, or the members of an archive. Empty before it is `READY`. */
  content: z.array(LibraryContent),
  /** Lower-case hex, by algorithm, computed while the bytes passed. */
  digests: z.array(z.object({ algorithm: z.string(), digest: z.string() })),
  /** Strong validator of a pulled file whose bytes have begun to arrive. */
  etag: text,
});
export type UpdateFile = z.infer<typeof UpdateFile>;

/** The update session as the engine keeps it. */
export const UpdateSession = ItemSession.extend({
  state: UpdateSessionState,
  files: z.array(UpdateFile),
  /** Files that the item has and shall lose. */
  removed: z.array(z.string()),
  /** The client asked for the end; what is pulled may still be on its way. */
  isCompleting: z.boolean(),
  error: z.exactOptional(LocalizableMessage),
});
export type UpdateSession = z.infer<typeof UpdateSession>;
