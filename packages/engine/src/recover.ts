import type { Core } from './core.ts';
import { dropBlobs } from './drop-blobs.ts';
import type { ImportFlow } from './effects/create-entity.ts';
import type { ExportFlow } from './effects/prepare-files.ts';
import { orphansAmong } from './garbage.ts';
import type { DownloadFlow } from './library/download-flow.ts';
import type { UpdateFlow } from './library/updates.ts';
import { borrowedBy, listSessions, livingSessions } from './living-sessions.ts';
import type { ProbeFlow } from './probe-flow.ts';

/** Of every kind of session. */
export interface Flows {
  readonly imports: ImportFlow;
  readonly probes: ProbeFlow;
  readonly exports: ExportFlow;
  readonly updates: UpdateFlow;
  readonly downloads: DownloadFlow;
}

/**
 * Goes on after a restart: acts again on the state of every session, and gives the unfinished ones their full time, for
 * the pause was not their clients' fault. Blobs that nobody needs are deleted.
 */
export async function recover(core: Core, flows: Flows): Promise<void> {
  const known = await listSessions(core.sessions);
  const living = livingSessions(known);
  for (const each of living) core.borrowed.take(each.address, borrowedBy(each));
  await dropBlobs(core, await orphansAmong(core, living));
  for (const session of known.import) await flows.imports.resume(session);
  for (const session of known.probe) await flows.probes.resume(session);
  for (const session of known.export) await flows.exports.resume(session);
  for (const session of known.update) await flows.updates.resume(session);
  for (const session of known.download) await flows.downloads.resume(session);
}
