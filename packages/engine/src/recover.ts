import { sessionOfBlob } from './blob-key.ts';
import type { Core } from './core.ts';
import type { ImportFlow } from './effects/create-entity.ts';
import type { ExportFlow } from './effects/prepare-files.ts';
import type { ProbeFlow } from './probe-flow.ts';

interface Flows {
  readonly imports: ImportFlow;
  readonly probes: ProbeFlow;
  readonly exports: ExportFlow;
}

/**
 * Goes on after a restart: acts again on the state of every session, and gives the unfinished ones their full time, for
 * the pause was not their clients' fault. Blobs whose session is gone and that no entity holds are deleted.
 */
export async function recover(core: Core, { imports, probes, exports }: Flows): Promise<void> {
  const known = {
    import: await core.sessions.imports.list({}),
    probe: await core.sessions.probes.list({}),
    export: await core.sessions.exports.list({}),
  };
  await deleteOrphans(core, {
    import: new Set(known.import.map(({ id }) => id)),
    probe: new Set(known.probe.map(({ id }) => id)),
    export: new Set(known.export.map(({ id }) => id)),
  });
  for (const session of known.import) await imports.resume(session);
  for (const session of known.probe) await probes.resume(session);
  for (const session of known.export) await exports.resume(session);
}

async function deleteOrphans(
  { blobs, inventory }: Core,
  known: Readonly<Record<'import' | 'probe' | 'export', ReadonlySet<string>>>,
): Promise<void> {
  const orphans: string[] = [];
  for await (const key of blobs.keys('')) {
    const session = sessionOfBlob(key);
    if (session !== undefined && !known[session.kind].has(session.id)) orphans.push(key);
  }
  const held = await inventory.held(orphans);
  for (const key of orphans) if (!held.has(key)) await blobs.delete(key);
}
