import type {
  DownloadSession,
  ExportSession,
  ImportSession,
  ProbeImportSession,
  SessionStore,
  UpdateSession,
} from '@ovfkit/domain';
import { type SessionAddress, type SessionKindName, sessionKey } from './blob-key.ts';
import { isOver, receivedFiles } from './received.ts';

/** Every session of a store. */
export interface KnownSessions {
  readonly import: readonly ImportSession[];
  readonly probe: readonly ProbeImportSession[];
  readonly export: readonly ExportSession[];
  readonly update: readonly UpdateSession[];
  readonly download: readonly DownloadSession[];
}

/** What a store has now. */
export const listSessions = async (sessions: SessionStore): Promise<KnownSessions> => ({
  import: await sessions.imports.list({}),
  probe: await sessions.probes.list({}),
  export: await sessions.exports.list({}),
  update: await sessions.updates.list({}),
  download: await sessions.downloads.list({}),
});

/** Whether a session may still need what came for it or what it borrowed; once it is over that is dropped by itself. */
export function isLiving(kind: SessionKindName, session: { readonly state: string }): boolean {
  switch (kind) {
    case 'import':
    case 'probe':
      return !isOver(session);
    case 'update':
    case 'download':
      return session.state === 'ACTIVE';
    case 'export':
      return true; // a finished one is still downloaded
  }
}

/** A session that may still need blobs, and those that it has whole. */
export interface LivingSession {
  readonly address: SessionAddress;
  readonly files: readonly KeptFile[];
}

/** Size in bytes. */
interface KeptFile {
  readonly blob: string;
  readonly size: number;
}

/** The living of all sessions. Exports have no files of their own to name: what they give is the machine's, or lies under their key. */
export function livingSessions(known: KnownSessions): readonly LivingSession[] {
  const living = <Session extends { readonly id: string; readonly state: string }>(
    kind: SessionKindName,
    { sessions, filesOf }: { sessions: readonly Session[]; filesOf: (session: Session) => readonly KeptFile[] },
  ): readonly LivingSession[] =>
    sessions
      .filter((each) => isLiving(kind, each))
      .map((each) => ({ address: { kind, id: each.id }, files: filesOf(each) }));
  return [
    ...living('import', { sessions: known.import, filesOf: (each) => receivedFiles(each, 'import') }),
    ...living('probe', { sessions: known.probe, filesOf: (each) => receivedFiles(each, 'probe') }),
    ...living('export', { sessions: known.export, filesOf: () => [] }),
    ...living('update', {
      sessions: known.update,
      filesOf: ({ files }) => files.flatMap(({ content }) => content),
    }),
    ...living('download', { sessions: known.download, filesOf: ({ files }) => files }),
  ];
}

/** Blobs that a session works with and that came for another. */
export function borrowedBy({ address, files }: LivingSession): readonly string[] {
  const own = `${sessionKey(address)}/`;
  return files.map(({ blob }) => blob).filter((blob) => !blob.startsWith(own));
}
