import { randomUUID } from 'node:crypto';
import { type ItemSession, SessionError, type SessionTable, type StoredLibraryItem } from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from '../blob-key.ts';
import { clientTokenOf, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import type { AnySession, Flow } from '../flow.ts';
import { releaseSession } from '../session-blobs.ts';
import type { LibraryParts } from './library-parts.ts';

/** What a client asks for when it begins a session. */
interface Wish {
  readonly clientToken?: string;
  readonly createSpec: { readonly libraryItemId?: string };
}

/** An item, and what every session about it begins with. */
interface Begun {
  readonly item: StoredLibraryItem;
  readonly fields: ItemSession;
}

/**
 * Begins a session by way of `begin`, one at a time: what was looked up stays true until it is kept.
 * @throws SessionError INVALID_ARGUMENT, NOT_FOUND
 */
export async function beginItemSession(
  { core, principal }: LibraryParts,
  { clientToken: token, createSpec: { libraryItemId } }: Wish,
  begin: (begun: Begun) => Promise<string>,
): Promise<string> {
  const clientToken = clientTokenOf(token);
  refuse(libraryItemId === undefined ? ['library_item_id is required.'] : []);
  return core.references.take(async () => {
    const item = await core.library.item(libraryItemId ?? '');
    const now = core.clock();
    const fields = {
      id: randomUUID(),
      owner: principal.user,
      clientToken,
      libraryItemId: item.id,
      contentVersion: item.contentVersion,
      progress: 0,
      createdAt: now,
      expiresAt: now + core.idleTimeoutMs,
    };
    return begin({ item, fields });
  });
}

/** Ids of the sessions in `table` that the caller may see, of one item or of all. */
export async function listItemSessions<Session extends ItemSession>(
  { core, principal }: LibraryParts,
  table: SessionTable<Session>,
  { libraryItemId }: { readonly libraryItemId?: string },
): Promise<readonly string[]> {
  const sessions = await table.list(principal.isAdmin ? {} : { owner: principal.user });
  return sessions
    .filter(({ expiresAt }) => expiresAt > core.clock())
    .filter((each) => libraryItemId === undefined || each.libraryItemId === libraryItemId)
    .map(({ id }) => id);
}

/** Keeps what a client says of its progress; before it says anything, what it said last. @throws SessionError INVALID_ARGUMENT */
export async function reportItemProgress<Session extends ItemSession & AnySession>(
  { principal }: LibraryParts,
  flow: Flow<Session, { readonly type: 'reportProgress'; readonly percent: number }>,
  { id, percent: given }: { readonly id: string; readonly percent: number | undefined },
): Promise<void> {
  const { progress } = await flow.use(id, principal);
  const percent = given ?? progress;
  refuse(percent < 0 || percent > 100 ? [`${percent} is not a percentage from 0 to 100.`] : []);
  await flow.step(id, () => ({ type: 'reportProgress', percent }));
}

/** Stops and forgets a session, whoever owns it. What it gave to its item stays. */
export async function removeItemSession(
  core: Core,
  address: SessionAddress & { readonly kind: 'update' | 'download' },
): Promise<void> {
  const { kind, id } = address;
  const { updates, downloads } = core.sessions;
  await core.jobs.stop(sessionKey(address), new SessionError('NOT_FOUND', `The session ${id} was deleted.`));
  await (kind === 'update' ? updates : downloads).delete(id);
  await releaseSession(core, address);
}
