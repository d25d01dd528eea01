import {
  applyProbeEvent,
  type ProbeEffect,
  type ProbeEvent,
  type ProbeImportSession,
  probeEffectsOf,
} from '@ovfkit/domain';
import type { Core } from './core.ts';
import { parseDescriptor } from './effects/parse-descriptor.ts';
import { pullDescriptor } from './effects/pull-descriptor.ts';
import { createFlow, type Flow, type Performance } from './flow.ts';
import { toOvfErrors } from './problem.ts';
import { releaseLater } from './session-blobs.ts';

export type ProbeFlow = Flow<ProbeImportSession, ProbeEvent>;

/** Probe sessions: their machine with what its effects do. */
export function createProbeFlow(core: Core): ProbeFlow {
  const flow: ProbeFlow = createFlow<ProbeImportSession, ProbeEvent, ProbeEffect>(core, {
    name: 'probe',
    table: core.sessions.probes,
    apply: applyProbeEvent,
    effectsOf: probeEffectsOf,
    isOver: ({ state }) => state === 'PROBE_IMPORT_ERROR',
    touch: (session, expiresAt) => applyProbeEvent(session, { type: 'touch', expiresAt }).session,
    failure: ({ files }, error) => ({ type: 'fail', errors: toOvfErrors(error, files[0]?.name) }),
    perform: (request) => perform({ core, flow: () => flow }, request),
  });
  return flow;
}

async function perform(
  { core, flow }: { readonly core: Core; readonly flow: () => ProbeFlow },
  { id, effect, signal }: Performance<ProbeEffect>,
): Promise<void> {
  const receiver = { core, kind: 'probe', flow: flow() } as const;
  switch (effect.type) {
    case 'pullDescriptor':
      return pullDescriptor(receiver, { id, signal });
    case 'parseDescriptor':
      return parseDescriptor(receiver, id);
    case 'releaseFiles':
      return releaseLater(core, { kind: 'probe', id });
  }
}
