import {
  applyUpdateEvent,
  type UpdateEffect,
  type UpdateEvent,
  type UpdateSession,
  updateEffectsOf,
} from '@ovfkit/domain';
import type { Core } from '../core.ts';
import { createFlow, type Performance } from '../flow.ts';
import { releaseLater } from '../session-blobs.ts';
import { pullUpdateFiles } from './pull-update-files.ts';
import { storeUpdate } from './store-update.ts';
import { toMessage } from './update-messages.ts';
import type { UpdateFlow } from './updates.ts';

/** Update sessions: their machine with what its effects do. */
export function createUpdateFlow(core: Core): UpdateFlow {
  const flow: UpdateFlow = createFlow<UpdateSession, UpdateEvent, UpdateEffect>(core, {
    name: 'update',
    table: core.sessions.updates,
    apply: applyUpdateEvent,
    effectsOf: updateEffectsOf,
    isOver: ({ state }) => state !== 'ACTIVE',
    touch: (session, expiresAt) => applyUpdateEvent(session, { type: 'touch', expiresAt }).session,
    failure: (_, error) => ({ type: 'fail', error: toMessage(error) }),
    perform: (request) => perform({ core, flow: () => flow }, request),
  });
  return flow;
}

async function perform(
  { core, flow }: { readonly core: Core; readonly flow: () => UpdateFlow },
  { id, effect, signal }: Performance<UpdateEffect>,
): Promise<void> {
  const updates = { core, flow: flow() };
  switch (effect.type) {
    case 'pullFiles':
      return pullUpdateFiles(updates, { id, signal });
    case 'storeItem':
      return storeUpdate(updates, id);
    case 'releaseFiles':
      return releaseLater(core, { kind: 'update', id });
  }
}
