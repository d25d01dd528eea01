import type { SessionTable } from '@ovfkit/domain';
import { type SessionAddress, type SessionKindName, sessionKey, sessionOfBlob } from './blob-key.ts';
import type { Core } from './core.ts';
import { removeExport } from './export-session.ts';
import { removeImport } from './import-session.ts';
import { removeItemSession } from './library/item-session.ts';
import { removeProbe } from './probe-import-session.ts';
import type { Flows } from './recover.ts';

const removersOf = (core: Core, { imports, exports }: Flows) =>
  ({
    import: (id) => removeImport({ core, flow: imports }, id),
    probe: (id) => removeProbe(core, id),
    export: (id) => removeExport({ core, flow: exports }, id),
    update: (id) => removeItemSession(core, { kind: 'update', id }),
    download: (id) => removeItemSession(core, { kind: 'download', id }),
  }) satisfies Record<SessionKindName, (id: string) => Promise<void>>;

/**
 * Removes the sessions whose time is over, but for those that something still moves for, and goes on with what an engine
 * began that is gone.
 */
export async function sweep(core: Core, flows: Flows): Promise<void> {
  for (const key of await core.leases.ended()) await takeOver(core, { key, flows });
  const { imports, probes, exports, updates, downloads } = core.sessions;
  const tables = [
    ['import', imports],
    ['probe', probes],
    ['export', exports],
    ['update', updates],
    ['download', downloads],
  ] as const;
  const now = core.clock();
  const removers = removersOf(core, flows);
  for (const [kind, table] of tables) {
    for (const { id } of await table.expired(now))
      await removeIdle(core, { address: { kind, id }, remove: removers[kind] });
  }
}

async function takeOver(core: Core, { key, flows }: { readonly key: string; readonly flows: Flows }): Promise<void> {
  const address = sessionOfBlob(key);
  if (address === undefined || core.jobs.isBusy(key)) return;
  if (!(await resumed(core, { address, flows }))) await core.leases.forget(key);
}

/** Whether there is such a session. */
async function resumed(
  { sessions }: Core,
  { address, flows }: { readonly address: SessionAddress; readonly flows: Flows },
): Promise<boolean> {
  const go = async <Session>(
    table: SessionTable<Session>,
    flow: { resume(session: Session): Promise<void> },
  ): Promise<boolean> => {
    const session = (await table.get(address.id))?.session;
    if (session !== undefined) await flow.resume(session);
    return session !== undefined;
  };
  switch (address.kind) {
    case 'import':
      return go(sessions.imports, flows.imports);
    case 'probe':
      return go(sessions.probes, flows.probes);
    case 'export':
      return go(sessions.exports, flows.exports);
    case 'update':
      return go(sessions.updates, flows.updates);
    case 'download':
      return go(sessions.downloads, flows.downloads);
  }
}

interface Removal {
  readonly address: SessionAddress;
  readonly remove: (id: string) => Promise<void>;
}

async function removeIdle(core: Core, { address, remove }: Removal): Promise<void> {
  if (core.jobs.isBusy(sessionKey(address))) return;
  try {
    await remove(address.id);
  } catch (error) {
    core.onError(error, `sweep ${sessionKey(address)}`);
  }
}
