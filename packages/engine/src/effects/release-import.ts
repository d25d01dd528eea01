import { type SessionAddress, sessionKey } from '../blob-key.ts';
import type { Core } from '../core.ts';
import { dropBlobs } from '../drop-blobs.ts';
import { blobsOfEntity } from '../inventory.ts';
import { releaseKey, releaseSession } from '../session-blobs.ts';

/** Stops what still moves for an import, and drops what was received for it and, unless it was finished, what was made of it. */
export async function releaseImport(core: Core, address: SessionAddress): Promise<void> {
  await releaseSession(core, address);
  const session = (await core.sessions.imports.get(address.id))?.session;
  if (session?.state !== 'IMPORT_ERROR') return;
  if (session.parameters === undefined) return; // nothing was ever asked to be made of it
  const key = sessionKey(address);
  // another engine on this store may be making it right now: it ends first, or is gone
  await core.jobs.during(releaseKey(address), (signal) =>
    core.leases.hold({ key, signal }, () => discardMade(core, address.id)),
  );
}

/** Then the blobs that only it needed. */
async function discardMade(core: Core, id: string): Promise<void> {
  const ref = await core.inventory.made(id);
  const blobs = ref === undefined ? new Set<string>() : await blobsOfEntity(core, ref);
  await core.inventory.discard(id);
  await dropBlobs(core, [...blobs]);
}
