import {
  applyExportEvent,
  type ExportEffect,
  type ExportEvent,
  type ExportSession,
  exportEffectsOf,
} from '@ovfkit/domain';
import type { Core } from './core.ts';
import { type ExportFlow, prepareFiles } from './effects/prepare-files.ts';
import { storeItem } from './effects/store-item.ts';
import { createFlow, type Performance } from './flow.ts';
import { toOvfErrors } from './problem.ts';
import { releaseLater } from './session-blobs.ts';

/** Exports: their machine with what its effects do. */
export function createExportFlow(core: Core): ExportFlow {
  const flow: ExportFlow = createFlow<ExportSession, ExportEvent, ExportEffect>(core, {
    name: 'export',
    table: core.sessions.exports,
    apply: applyExportEvent,
    effectsOf: exportEffectsOf,
    isOver: ({ state }) => state === 'EXPORT_COMPLETED' || state === 'EXPORT_ERROR',
    touch: (session, expiresAt) => applyExportEvent(session, { type: 'touch', expiresAt }).session,
    failure: (_, error) => ({ type: 'fail', errors: toOvfErrors(error) }),
    perform: (request) => perform({ core, flow: () => flow }, request),
  });
  return flow;
}

async function perform(
  { core, flow }: { readonly core: Core; readonly flow: () => ExportFlow },
  { id, effect, signal }: Performance<ExportEffect>,
): Promise<void> {
  switch (effect.type) {
    case 'prepareFiles':
      return prepareFiles({ core, flow: flow(), id, signal });
    case 'storeItem':
      return storeItem({ core, flow: flow(), id });
    case 'releaseFiles':
      return releaseLater(core, { kind: 'export', id });
  }
}
