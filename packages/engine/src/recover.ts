import { type SessionKindName, sessionKey, sessionOfBlob } from './blob-key.ts';
import type { Core } from './core.ts';
import { dropBlobs } from './drop-blobs.ts';
import type { ImportFlow } from './effects/create-entity.ts';
import type { ExportFlow } from './effects/prepare-files.ts';
import type { DownloadFlow } from './library/download-flow.ts';
import type { UpdateFlow } from './library/updates.ts';
import type { ProbeFlow } from './probe-flow.ts';
import type { ReceivingSession } from './received.ts';

interface Flows {
  readonly imports: ImportFlow;
  readonly probes: ProbeFlow;
  readonly exports: ExportFlow;
  readonly updates: UpdateFlow;
  readonly downloads: DownloadFlow;
}

/**
 * Goes on after a restart: acts again on the state of every session, and gives the unfinished ones their full time, for
 * the pause was not their clients' fault. Blobs whose session is gone and that nobody else needs are deleted.
 */
export async function recover(core: Core, flows: Flows): Promise<void> {
  const { imports, probes, exports, updates, downloads } = core.sessions;
  const known = {
    import: await imports.list({}),
    probe: await probes.list({}),
    export: await exports.list({}),
    update: await updates.list({}),
    download: await downloads.list({}),
  };
  for (const session of known.import) borrowAgain(core, { kind: 'import', session });
  for (const session of known.probe) borrowAgain(core, { kind: 'probe', session });
  for (const { id, state, files } of known.download)
    if (state === 'ACTIVE')
      core.borrowed.take(
        { kind: 'download', id },
        files.map(({ blob }) => blob),
      );
  await deleteOrphans(core, known);
  for (const session of known.import) await flows.imports.resume(session);
  for (const session of known.probe) await flows.probes.resume(session);
  for (const session of known.export) await flows.exports.resume(session);
  for (const session of known.update) await flows.updates.resume(session);
  for (const session of known.download) await flows.downloads.resume(session);
}

function borrowAgain(
  core: Core,
  { kind, session }: { readonly kind: 'import' | 'probe'; readonly session: ReceivingSession },
): void {
  const { id, createSpec, members = [] } = session;
  if (createSpec.sourceType !== 'CONTENT_LIBRARY_SOURCE') return;
  core.borrowed.take(
    { kind, id },
    members.map(({ blob }) => blob),
  );
}

async function deleteOrphans(
  core: Core,
  known: Readonly<Record<SessionKindName, readonly { readonly id: string }[]>>,
): Promise<void> {
  const living = new Set(
    Object.entries(known).flatMap(([kind, sessions]) => sessions.map(({ id }) => `${kind}/${id}`)),
  );
  const orphans: string[] = [];
  for await (const key of core.blobs.keys('')) {
    const session = sessionOfBlob(key);
    if (session !== undefined && !living.has(sessionKey(session))) orphans.push(key);
  }
  await dropBlobs(core, orphans);
}
