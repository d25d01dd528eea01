import { type SessionAddress, sessionKey } from './blob-key.ts';
import type { Core } from './core.ts';
import { removeExport } from './export-session.ts';
import { removeImport } from './import-session.ts';
import { removeDownload } from './library/download-session.ts';
import { removeUpdate } from './library/update-session.ts';
import { removeProbe } from './probe-import-session.ts';

const removers = {
  import: removeImport,
  probe: removeProbe,
  export: removeExport,
  update: removeUpdate,
  download: removeDownload,
} as const;

/** Removes the sessions whose time is over, but for those that something still moves for. */
export async function sweep(core: Core): Promise<void> {
  const { imports, probes, exports, updates, downloads } = core.sessions;
  const tables = [
    ['import', imports],
    ['probe', probes],
    ['export', exports],
    ['update', updates],
    ['download', downloads],
  ] as const;
  const now = core.clock();
  for (const [kind, table] of tables) {
    for (const { id } of await table.expired(now)) await removeIdle(core, { kind, id });
  }
}

async function removeIdle(core: Core, address: SessionAddress): Promise<void> {
  if (core.jobs.isBusy(sessionKey(address))) return;
  try {
    await removers[address.kind](core, address.id);
  } catch (error) {
    core.onError(error, `sweep ${sessionKey(address)}`);
  }
}
