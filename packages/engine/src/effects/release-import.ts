import { SessionError } from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from '../blob-key.ts';
import type { Core } from '../core.ts';
import { deleteEntity } from '../inventory.ts';
import { releaseKey, releaseSession } from '../session-blobs.ts';

/** Stops what still moves for an import, and drops what was received for it and, unless it was finished, what was made of it. */
export async function releaseImport(core: Core, address: SessionAddress): Promise<void> {
  await releaseSession(core, address);
  const session = (await core.sessions.imports.get(address.id))?.session;
  if (session?.state !== 'IMPORT_ERROR') return;
  const key = sessionKey(address);
  // another engine on this store may be making it right now: it ends first, or is gone
  await core.jobs.during(releaseKey(address), (signal) =>
    core.leases.hold({ key, signal }, () => deleteMade(core, address.id)),
  );
}

async function deleteMade(core: Core, id: string): Promise<void> {
  const ref = await core.inventory.made(id);
  if (ref === undefined) return;
  try {
    await deleteEntity(core, ref);
  } catch (error) {
    // it went meanwhile
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
  }
}
