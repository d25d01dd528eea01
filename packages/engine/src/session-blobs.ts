import { type SessionAddress, sessionKey } from './blob-key.ts';
import type { Core } from './core.ts';

/** Deletes what was received or written for a session, but for the blobs that an entity of the inventory holds by now. */
export async function deleteSessionBlobs(core: Core, address: SessionAddress): Promise<void> {
  const prefix = `${sessionKey(address)}/`;
  const own: string[] = [];
  for await (const key of core.blobs.keys(prefix)) own.push(key);
  const held = await core.inventory.held(own);
  for (const key of own) {
    core.hashes.delete(key);
    if (!held.has(key)) await core.blobs.delete(key);
  }
}

/** Stops what still moves for a session and drops what was received for it. */
export async function releaseSession(core: Core, address: SessionAddress): Promise<void> {
  await core.jobs.stop(sessionKey(address), new DOMException('The session is over.', 'AbortError'));
  await deleteSessionBlobs(core, address);
}

/** `releaseSession` in the background: an effect is itself among what has to be stopped. */
export function releaseLater(core: Core, address: SessionAddress): void {
  core.jobs.run(`release ${sessionKey(address)}`, () => releaseSession(core, address));
}
