import {
  applyImportEvent,
  type ImportEffect,
  type ImportEvent,
  type ImportSession,
  importEffectsOf,
  isImportOver,
} from '@ovfkit/domain';
import type { Core } from './core.ts';
import { createEntity, type ImportFlow } from './effects/create-entity.ts';
import { parseDescriptor } from './effects/parse-descriptor.ts';
import { pullDescriptor } from './effects/pull-descriptor.ts';
import { pullFiles } from './effects/pull-files.ts';
import { releaseImport } from './effects/release-import.ts';
import { createFlow, type Performance } from './flow.ts';
import { toOvfErrors } from './problem.ts';
import { releaseKey } from './session-blobs.ts';

/** Imports: their machine with what its effects do. */
export function createImportFlow(core: Core): ImportFlow {
  const flow: ImportFlow = createFlow<ImportSession, ImportEvent, ImportEffect>(core, {
    name: 'import',
    table: core.sessions.imports,
    apply: applyImportEvent,
    effectsOf: importEffectsOf,
    isOver: ({ state }) => isImportOver(state),
    touch: (session, expiresAt) => applyImportEvent(session, { type: 'touch', expiresAt }).session,
    failure: ({ files }, error) => ({ type: 'fail', errors: toOvfErrors(error, files[0]?.name) }),
    perform: (request) => perform({ core, flow: () => flow }, request),
  });
  return flow;
}

async function perform(
  { core, flow }: { readonly core: Core; readonly flow: () => ImportFlow },
  { id, effect, signal }: Performance<ImportEffect>,
): Promise<void> {
  const receiver = { core, kind: 'import', flow: flow() } as const;
  const address = { kind: 'import', id } as const;
  switch (effect.type) {
    case 'pullDescriptor':
      return pullDescriptor(receiver, { id, signal });
    case 'parseDescriptor':
      return parseDescriptor(receiver, id);
    case 'pullFiles':
      return pullFiles(receiver, { id, signal });
    case 'createEntity':
      return createEntity({ core, flow: flow(), id, signal });
    case 'releaseFiles':
      return core.jobs.run(releaseKey(address), () => releaseImport(core, address));
  }
}
