import { type CreateUpdateSession, message, SessionError, type UpdateSessionService } from '@ovfkit/domain';
import { sessionKey } from '../blob-key.ts';
import { guarded } from '../call-check.ts';
import { updateUnderWay } from './busy-items.ts';
import { beginItemSession, listItemSessions, removeItemSession, reportItemProgress } from './item-session.ts';
import { itemSessionModel } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';

/** Update sessions of one caller. */
export function createUpdateSessionService(parts: LibraryParts): UpdateSessionService {
  const { core, updates: flow, principal } = parts;
  return {
    create: guarded((input) => create(parts, input)),
    get: guarded(async ({ updateSessionId: id }) => itemSessionModel(await flow.use(id, principal))),
    list: guarded((input) => listItemSessions(parts, core.sessions.updates, input)),
    keepAlive: guarded(({ updateSessionId: id, clientProgress: percent }) =>
      reportItemProgress(parts, flow, { id, percent }),
    ),
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
      await removeItemSession(core, { kind: 'update', id });
    }),
  };
}

const create = (parts: LibraryParts, input: CreateUpdateSession): Promise<string> =>
  // two that look for an active session at once would both find none: they begin one at a time
  beginItemSession(parts, input, async ({ item, fields }) => {
    const { core, updates, principal } = parts;
    const active = await updateUnderWay(core, [item]);
    if (active?.owner === principal.user && active.clientToken === fields.clientToken) return active.id;
    if (active !== undefined)
      throw new SessionError('RESOURCE_BUSY', `The item ${item.name} is being updated by another session.`);
    return (await updates.begin({ ...fields, state: 'ACTIVE', files: [], removed: [], isCompleting: false })).id;
  });

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
