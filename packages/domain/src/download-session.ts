import { z } from 'zod';
import { ChecksumInfo, LibraryContent } from './content-library.ts';
import { ItemSession, itemSessionFields } from './item-session.ts';
import { LocalizableMessage } from './localizable-message.ts';
import { Long, openEnum, structure } from './structure.ts';
import { TransferEndpoint } from './update-session.ts';

const text = z.exactOptional(z.string());
const long = z.exactOptional(Long);

export const DownloadSessionState = z.enum(['ACTIVE', 'CANCELED', 'ERROR']);
export type DownloadSessionState = z.infer<typeof DownloadSessionState>;
export const PrepareStatus = z.enum(['UNPREPARED', 'PREPARE_REQUESTED', 'PREPARING', 'PREPARED', 'ERROR']);
export type PrepareStatus = z.infer<typeof PrepareStatus>;
export const EndpointType = z.enum(['HTTPS', 'DIRECT']);
export type EndpointType = z.infer<typeof EndpointType>;

/** A download of an item's files as they are when it begins (`com.vmware.content.library.item.download_session_model`). */
export const DownloadSessionModel = structure({
  ...itemSessionFields,
  state: z.exactOptional(openEnum(DownloadSessionState)),
});
export type DownloadSessionModel = z.infer<typeof DownloadSessionModel>;
export const CreateDownloadSession = structure({ clientToken: text, createSpec: DownloadSessionModel });
export type CreateDownloadSession = z.infer<typeof CreateDownloadSession>;

/** A file of a download session. */
export const DownloadFileInfo = structure({
  name: z.string(),
  size: long,
  bytesTransferred: long,
  status: openEnum(PrepareStatus),
  /** From `PREPARED` on. */
  downloadEndpoint: z.exactOptional(TransferEndpoint),
  checksumInfo: z.exactOptional(ChecksumInfo),
  errorMessage: z.exactOptional(LocalizableMessage),
});
export type DownloadFileInfo = z.infer<typeof DownloadFileInfo>;

/** The download session as the engine keeps it. */
export const DownloadSession = ItemSession.extend({
  state: DownloadSessionState,
  /** The files of the item when the session began: a later change of the item does not touch them. */
  files: z.array(LibraryContent),
  /** Names of those that were asked for. */
  prepared: z.array(z.string()),
});
export type DownloadSession = z.infer<typeof DownloadSession>;
