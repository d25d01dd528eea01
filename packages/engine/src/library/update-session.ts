import { randomUUID } from 'node:crypto';
import {
  type CreateUpdateSession,
  message,
  SessionError,
  type UpdateSession,
  type UpdateSessionService,
} from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from '../blob-key.ts';
import { clientTokenOf, guarded, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import { releaseSession } from '../session-blobs.ts';
import { updateUnderWay } from './busy-items.ts';
import { updateModel } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';

/** Update sessions of one caller. */
export function createUpdateSessionService(parts: LibraryParts): UpdateSessionService {
  const { core, updates: flow, principal } = parts;
  return {
    create: guarded((input) => create(parts, input)),
    get: guarded(async ({ updateSessionId: id }) => updateModel(await flow.use(id, principal))),
    list: guarded(async ({ libraryItemId }) => {
      const sessions = await core.sessions.updates.list(principal.isAdmin ? {} : { owner: principal.user });
      return sessions
        .filter(({ expiresAt }) => expiresAt > core.clock())
        .filter((each) => libraryItemId === undefined || each.libraryItemId === libraryItemId)
        .map(({ id }) => id);
    }),
    keepAlive: guarded(async ({ updateSessionId: id, clientProgress }) => {
      const { progress } = await flow.use(id, principal);
      await flow.step(id, () => ({ type: 'reportProgress', percent: percentOf(clientProgress, progress) }));
    }),
    complete: guarded(({ updateSessionId }) => complete(parts, updateSessionId)),
    cancel: guarded(async ({ updateSessionId: id }) => {
      await flow.use(id, principal);
      // not between the item's change and the session's end
      await core.references.take(() => flow.step(id, () => ({ type: 'cancel' })));
    }),
    fail: guarded(async ({ updateSessionId: id, clientErrorMessage: text }) => {
      await flow.use(id, principal);
      const error = message('com.ovfkit.library.client_error', '{0}', text);
      await core.references.take(() => flow.step(id, () => ({ type: 'fail', error })));
    }),
    delete: guarded(async ({ updateSessionId: id }) => {
      const { state } = await flow.use(id, principal);
      if (state === 'ACTIVE')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'The session is active. Cancel or complete it first.');
      await removeUpdate(core, id);
    }),
  };
}

/** What a client says of its progress; before it says anything, what it said last. @throws SessionError INVALID_ARGUMENT */
export function percentOf(given: number | undefined, before: number): number {
  if (given === undefined) return before;
  refuse(given < 0 || given > 100 ? [`${given} is not a percentage from 0 to 100.`] : []);
  return given;
}

async function create({ core, updates, principal }: LibraryParts, input: CreateUpdateSession): Promise<string> {
  const { libraryItemId } = input.createSpec;
  const clientToken = clientTokenOf(input.clientToken);
  refuse(libraryItemId === undefined ? ['library_item_id is required.'] : []);
  // one at a time: two that look for an active session at once would both find none
  return core.references.take(async () => {
    const item = await core.library.item(libraryItemId ?? '');
    const active = await updateUnderWay(core, [item]);
    if (active !== undefined && active.owner === principal.user && active.clientToken === clientToken) return active.id;
    if (active !== undefined)
      throw new SessionError('RESOURCE_BUSY', `The item ${item.name} is being updated by another session.`);
    const now = core.clock();
    const session: UpdateSession = {
      id: randomUUID(),
      owner: principal.user,
      clientToken,
      state: 'ACTIVE',
      libraryItemId: item.id,
      contentVersion: item.contentVersion,
      files: [],
      removed: [],
      isCompleting: false,
      progress: 0,
      createdAt: now,
      expiresAt: now + core.idleTimeoutMs,
    };
    return (await updates.begin(session)).id;
  });
}

async function complete({ core, updates: flow, principal }: LibraryParts, id: string): Promise<void> {
  const session = await flow.use(id, principal);
  const unsent = session.files.filter(
    ({ sourceType, status }) => sourceType !== 'PULL' && status !== 'READY' && status !== 'ERROR',
  );
  if (session.state === 'ACTIVE' && unsent.length > 0)
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `The session still waits for: ${unsent.map(({ name }) => name).join(', ')}.`,
    );
  const after = await flow.step(id, () => ({ type: 'complete' }));
  const isPulling = after.files.some(({ status }) => status === 'TRANSFERRING');
  if (!isPulling) await core.jobs.idle(sessionKey({ kind: 'update', id }));
}

/** Cancels and forgets an update session, whoever owns it. What it gave to its item stays. */
export async function removeUpdate(core: Core, id: string): Promise<void> {
  const address: SessionAddress = { kind: 'update', id };
  await core.jobs.stop(sessionKey(address), new SessionError('NOT_FOUND', `The session ${id} was deleted.`));
  await core.sessions.updates.delete(id);
  await releaseSession(core, address);
}
