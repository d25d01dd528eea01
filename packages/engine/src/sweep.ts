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
 * Lets sessions live on that something moves for, removes those whose time is over, and goes on with what an engine began that is
 * gone.
 */
export async function sweep(core: Core, flows: Flows): Promise<void> {
  // other engines on the store know of work here by the session's time only
  for (const key of core.jobs.keys()) await onSession(core, { key, flows }, (flow, session) => flow.touch(session));
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

interface Named {
  /** Of a session, or of something else. */
  readonly key: string;
  readonly flows: Flows;
}

async function takeOver(core: Core, named: Named): Promise<void> {
  if (sessionOfBlob(named.key) === undefined || core.jobs.isBusy(named.key)) return;
  const isThere = await onSession(core, named, (flow, session) => flow.resume(session));
  if (!isThere) await core.leases.forget(named.key);
}

type AnyFlow<Session> = { resume(session: Session): Promise<void>; touch(session: Session): Promise<void> };

/** Acts on the session of that key; whether there is one. */
async function onSession(
  { sessions }: Core,
  { key, flows }: Named,
  act: <Session>(flow: AnyFlow<Session>, session: Session) => Promise<void>,
): Promise<boolean> {
  const address = sessionOfBlob(key);
  if (address === undefined) return false;
  const go = async <Session>(table: SessionTable<Session>, flow: AnyFlow<Session>): Promise<boolean> => {
    const session = (await table.get(address.id))?.session;
    if (session !== undefined) await act(flow, session);
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
