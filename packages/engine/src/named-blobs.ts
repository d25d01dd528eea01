import type {
  DownloadSession,
  ExportSession,
  ImportSession,
  ProbeImportSession,
  SessionStore,
  UpdateSession,
} from '@ovfkit/domain';
import { type SessionAddress, type SessionKindName, sessionKey } from './blob-key.ts';
import { isOver } from './received.ts';

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

/** Blobs that a session works with and that came for another. */
interface Borrowed {
  readonly session: SessionAddress;
  readonly blobs: readonly string[];
}

/** What unfinished sessions have borrowed, as their documents say. */
export function borrowedBy(known: KnownSessions): readonly Borrowed[] {
  const named: readonly Borrowed[] = [
    ...known.import.map((each) => ({ session: at('import', each), blobs: isOver(each) ? [] : blobsOf(each.members) })),
    ...known.probe.map((each) => ({ session: at('probe', each), blobs: isOver(each) ? [] : blobsOf(each.members) })),
    ...known.update
      .filter(({ state }) => state === 'ACTIVE')
      .map((each) => ({ session: at('update', each), blobs: each.files.flatMap(({ content }) => blobsOf(content)) })),
    ...known.download
      .filter(({ state }) => state === 'ACTIVE')
      .map((each) => ({ session: at('download', each), blobs: blobsOf(each.files) })),
  ];
  return named.flatMap(({ session, blobs }) => {
    const own = `${sessionKey(session)}/`;
    const foreign = blobs.filter((blob) => !blob.startsWith(own));
    return foreign.length === 0 ? [] : [{ session, blobs: foreign }];
  });
}

const at = (kind: SessionKindName, { id }: { readonly id: string }): SessionAddress => ({ kind, id });

const blobsOf = (files: readonly { readonly blob: string }[] = []): readonly string[] => files.map(({ blob }) => blob);

/** The sessions that may still need what lies under their own keys. */
export function livingKeys(known: KnownSessions): ReadonlySet<string> {
  return new Set([
    ...known.import.filter((each) => !isOver(each)).map(({ id }) => sessionKey({ kind: 'import', id })),
    ...known.probe.filter((each) => !isOver(each)).map(({ id }) => sessionKey({ kind: 'probe', id })),
    ...known.export.map(({ id }) => sessionKey({ kind: 'export', id })),
    ...known.update.filter(({ state }) => state === 'ACTIVE').map(({ id }) => sessionKey({ kind: 'update', id })),
  ]);
}
