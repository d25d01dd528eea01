import { type SessionAddress, sessionKey } from './blob-key.ts';
import type { Core } from './core.ts';
import { dropBlobsOf } from './drop-blobs.ts';

/** Deletes what was received, written or borrowed for a session, but for the blobs that others need by now. */
export async function deleteSessionBlobs(core: Core, address: SessionAddress): Promise<void> {
  const prefix = `${sessionKey(address)}/`;
  const keys = [...core.borrowed.giveBack(address)];
  for await (const key of core.blobs.keys(prefix)) keys.push(key);
  for (const key of keys) core.hashes.delete(key);
  await dropBlobsOf(core, address, keys);
}

/** Stops what still moves for a session and drops what was received for it. */
export async function releaseSession(core: Core, address: SessionAddress): Promise<void> {
  await core.jobs.stop(sessionKey(address), new DOMException('The session is over.', 'AbortError'));
  await deleteSessionBlobs(core, address);
}

/** What `Jobs` calls the release of a session: an effect that asks for it is itself among what has to be stopped. */
export const releaseKey = (address: SessionAddress): string => `release ${sessionKey(address)}`;

/** `releaseSession` in the background. */
export function releaseLater(core: Core, address: SessionAddress): void {
  core.jobs.run(releaseKey(address), () => releaseSession(core, address));
}
