import { z } from 'zod';
import { Long, openEnum, structure } from './structure.ts';

/** `OVA` entries stand for parts of one archive: `descriptor.ova`, `message-bundle.ova`, `disk-content.ova` (contract, section 11.3). */
export const FileType = z.enum(['OVF', 'MANIFEST', 'CERT', 'MSG_BUNDLE', 'DISK', 'CONTENT', 'OVA', 'NVRAM']);
export type FileType = z.infer<typeof FileType>;

export const HttpUploadMethod = z.enum(['PUT', 'POST']);
export type HttpUploadMethod = z.infer<typeof HttpUploadMethod>;

/** One file of a session as its client sees it (contract, section 7.10). Sizes are bytes. */
export const OvfFileInfo = structure({
  name: z.string(),
  fileType: openEnum(FileType),
  optionalUpload: z.boolean(),
  /** A relative reference names a file that the backend itself takes or gives. */
  fileUrl: z.exactOptional(z.string()),
  sslThumbPrint: z.exactOptional(z.string()),
  uploadMethod: z.exactOptional(openEnum(HttpUploadMethod)),
  /** 0 while unknown, so `size === bytesTransferred` alone does not mean complete. */
  size: z.exactOptional(Long),
  bytesTransferred: Long,
  /** Lower-case hex; empty while unknown. */
  sha256: z.exactOptional(z.string()),
});
export type OvfFileInfo = z.infer<typeof OvfFileInfo>;

/** One file of a session as the session keeps it. `started`: bytes have begun to arrive. */
export const SessionFile = z.object({
  name: z.string(),
  fileType: FileType,
  optionalUpload: z.boolean(),
  status: z.enum(['waiting', 'started', 'complete']),
  /** Pull and export: where the bytes come from or go to. */
  url: z.exactOptional(z.string()),
  size: Long,
  bytesTransferred: Long,
  sha256: z.string(),
  /** Strong validator of a pulled file whose bytes have begun to arrive: only with the same one does the rest fit. */
  etag: z.exactOptional(z.string()),
});
export type SessionFile = z.infer<typeof SessionFile>;

/** A file that rests in the blob store and stands behind an entry of another name: a member of an archive, or an export. */
export const SessionMember = z.object({
  /** Name in the package. */
  name: z.string(),
  fileType: FileType,
  /** Key in the blob store. */
  blob: z.string(),
  size: Long,
  sha256: z.string(),
});
export type SessionMember = z.infer<typeof SessionMember>;
