import { SessionError, type StoredLibraryItem, type UpdateSession } from '@ovfkit/domain';
import type { Core } from '../core.ts';

/** The session that is changing one of these items now. */
export async function updateUnderWay(
  { sessions, clock }: Core,
  items: readonly Pick<StoredLibraryItem, 'id'>[],
): Promise<UpdateSession | undefined> {
  const ids = new Set(items.map(({ id }) => id));
  const now = clock();
  const all = await sessions.updates.list({});
  return all.find(
    ({ state, libraryItemId, expiresAt }) => state === 'ACTIVE' && expiresAt > now && ids.has(libraryItemId),
  );
}

/** @throws SessionError RESOURCE_BUSY while one of the items is being updated */
export async function checkNotUpdated(core: Core, items: readonly Pick<StoredLibraryItem, 'id'>[]): Promise<void> {
  const session = await updateUnderWay(core, items);
  if (session === undefined) return;
  throw new SessionError(
    'RESOURCE_BUSY',
    `The item ${session.libraryItemId} is being updated by the session ${session.id}.`,
  );
}
