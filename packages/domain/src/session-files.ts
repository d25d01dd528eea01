import type { SessionFile, SessionMember } from './ovf-file.ts';
import type { OvfWarning } from './ovf-message.ts';

/** What the machines ask of a list of files, and do to it. All total and pure. */

// a package may name any file like a part of an archive: only entries of type OVA are parts
const isPart = (file: SessionFile, name: string): boolean => file.fileType === 'OVA' && file.name === name;

/** Message bundles, and the part of an archive that holds them. */
export const isBundle = (file: SessionFile): boolean =>
  file.fileType === 'MSG_BUNDLE' || isPart(file, 'message-bundle.ova');

/** The descriptor, and the part of an archive that holds it. */
export const isDescriptor = (file: SessionFile): boolean => file.fileType === 'OVF' || isPart(file, 'descriptor.ova');

/** Here whole, and its digest is right. */
export const isComplete = (file: SessionFile): boolean => file.status === 'complete';

/** Every required file is here, and no upload that has begun is still under way (contract, section 10.2). */
export const nothingMissing = (files: readonly SessionFile[]): boolean =>
  files.every((file) => isComplete(file) || (file.optionalUpload && file.status === 'waiting'));

/** No message bundle is missing; true without any. */
export const bundlesComplete = (files: readonly SessionFile[]): boolean => files.filter(isBundle).every(isComplete);

export interface StartedFile {
  readonly name: string;
  /** Strong validator of what is pulled; absent otherwise. */
  readonly etag?: string;
}

/** The list with the file under way. A complete file stays complete; the validator of an earlier start is forgotten. */
export const start = (files: readonly SessionFile[], { name, etag }: StartedFile): SessionFile[] =>
  files.map((file) => {
    if (file.name !== name || file.status === 'complete') return file;
    const { etag: _, ...kept } = file;
    return { ...kept, status: 'started', ...(etag === undefined ? {} : { etag }) };
  });

export interface CompletedFile {
  readonly name: string;
  /** Bytes that arrived. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Where the entry stands for a part of an archive: what was taken from it. */
  readonly members?: readonly SessionMember[];
  readonly warnings?: readonly OvfWarning[];
}

/** What a list of members becomes when a file brings more; the later one of a name stays. */
export const withMembers = (before: readonly SessionMember[], added: readonly SessionMember[]): SessionMember[] => [
  ...before.filter((each) => added.every(({ name }) => name !== each.name)),
  ...added,
];

/** The list with the file complete, at the size that arrived. */
export const complete = (files: readonly SessionFile[], { name, size, sha256 }: CompletedFile): SessionFile[] =>
  files.map((file) =>
    file.name === name ? { ...file, status: 'complete', size, bytesTransferred: size, sha256 } : file,
  );

/** Whether the list has the file and it is not complete. */
export const isWaitingFor = (files: readonly SessionFile[], name: string): boolean =>
  files.some((file) => file.name === name && !isComplete(file));
