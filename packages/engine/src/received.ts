import { type ImportCreateSpec, isImportOver, type SessionFile, type SessionMember } from '@ovfkit/domain';
import type { SessionKindName } from './blob-key.ts';
import { blobKey, type SessionAddress } from './blob-key.ts';

/** What an import and a probe have in common. */
export interface ReceivingSession {
  readonly id: string;
  readonly owner: string;
  readonly state: string;
  readonly expiresAt: number;
  readonly createSpec: ImportCreateSpec;
  readonly files: readonly SessionFile[];
  readonly members?: readonly SessionMember[];
}

/** Whether nothing that was received for it is needed any more. */
export const isOver = ({ state }: Pick<ReceivingSession, 'state'>): boolean =>
  isImportOver(state) || state === 'PROBE_IMPORT_ERROR';

export type ReceivingKind = Extract<SessionKindName, 'import' | 'probe'>;

/** The files of the package that are here whole: entries of the list, and members of an archive that was pushed or of a library item. */
export function receivedFiles(session: ReceivingSession, kind: ReceivingKind): readonly SessionMember[] {
  const address: SessionAddress = { kind, id: session.id };
  const { members = [] } = session;
  const named = new Set(members.map(({ name }) => name));
  const own = session.files
    .filter(({ status, fileType, name }) => status === 'complete' && fileType !== 'OVA' && !named.has(name))
    .map(({ name, fileType, size, sha256 }) => ({ name, fileType, blob: blobKey(address, name), size, sha256 }));
  return [...own, ...members];
}

/** The one received file of a type, when there is one. */
export const receivedOf = (files: readonly SessionMember[], fileType: SessionMember['fileType']) =>
  files.find((file) => file.fileType === fileType);

/** Whether the entry that holds the descriptor is complete. */
export const isDescriptorEntry = (files: readonly SessionFile[]): boolean =>
  files.some(
    ({ fileType, name, status }) => status === 'complete' && (fileType === 'OVF' || name === 'descriptor.ova'),
  );
