import { type SessionAddress, sessionKey, sessionOfBlob } from './blob-key.ts';
import type { Core } from './core.ts';
import { isLiving } from './living-sessions.ts';

/**
 * Deletes those of `keys` that nobody needs any more: no entity of the inventory, no item of a library, no session that
 * borrowed them or that they came for. Waits for its turn, so that whoever begins to need a blob does so before or after.
 */
export const dropBlobs = (core: Core, keys: readonly string[]): Promise<void> => drop(core, { keys });

/** The same of blobs that a session needs no more, whether it lives on or not. */
export const dropBlobsOf = (core: Core, session: SessionAddress, keys: readonly string[]): Promise<void> =>
  drop(core, { keys, session });

interface Dropped {
  readonly keys: readonly string[];
  readonly session?: SessionAddress;
}

async function drop(core: Core, { keys, session }: Dropped): Promise<void> {
  if (keys.length === 0) return;
  const { inventory, library, borrowed, blobs } = core;
  const own = session === undefined ? undefined : sessionKey(session);
  await core.references.take(async () => {
    const [entities, items] = await Promise.all([inventory.held(keys), library.held(keys)]);
    for (const key of keys) {
      if (entities.has(key) || items.has(key) || borrowed.has(key)) continue;
      const owner = sessionOfBlob(key);
      const isForeign = owner !== undefined && sessionKey(owner) !== own;
      if (!(isForeign && (await isAlive(core, owner)))) await blobs.delete(key);
    }
  });
}

async function isAlive({ sessions }: Core, { kind, id }: SessionAddress): Promise<boolean> {
  const { imports, probes, exports, updates, downloads } = sessions;
  const tables = { import: imports, probe: probes, export: exports, update: updates, download: downloads };
  const found = await tables[kind].get(id);
  return found !== undefined && isLiving(kind, found.session);
}
