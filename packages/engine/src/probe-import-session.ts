import { randomUUID } from 'node:crypto';
import { type CreateProbeImportSession, type ProbeImportSessionService, SessionError } from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from './blob-key.ts';
import { clientTokenOf, guarded } from './call-check.ts';
import type { Core, Principal } from './core.ts';
import { loadDescriptor } from './descriptor.ts';
import { checkCreateSpec } from './import-session.ts';
import { probeInfo } from './info.ts';
import { firstFile } from './package-files.ts';
import { evaluate } from './parameters/evaluate.ts';
import { validationResult } from './parameters/validation-result.ts';
import { packagePrivileges, requirePrivileges, sourcePrivileges } from './privilege.ts';
import type { ProbeFlow } from './probe-flow.ts';
import { receivedFiles } from './received.ts';
import { releaseSession } from './session-blobs.ts';
import { signatureOf } from './signature.ts';

interface Probes {
  readonly core: Core;
  readonly flow: ProbeFlow;
  readonly principal: Principal;
}

/** Probe sessions of one caller. */
export function createProbeImportSessions(probes: Probes): ProbeImportSessionService {
  const { core, flow, principal } = probes;
  return {
    createProbeImportSession: guarded((input) => create(probes, input)),
    get: guarded(async ({ id }) => probeInfo(core, await flow.use(id, principal))),
    tryInstantiate: guarded(async ({ id, instantiationParameters: given }, options) => {
      const session = await flow.use(id, principal);
      if (session.state !== 'PROBE_IMPORT_SELECTING_OVF_PARAMS')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `The session is ${session.state}.`);
      const { descriptor } = await loadDescriptor(core, { session, kind: 'probe', locale: options?.locale });
      requirePrivileges(principal, packagePrivileges(descriptor, given));
      const signature = await signatureOf(core, receivedFiles(session, 'probe'));
      const evaluation = evaluate({ descriptor, given, target: undefined, signature });
      return validationResult({ evaluation, warnings: session.warnings, information: session.information });
    }),
    delete: guarded(async ({ id }) => {
      if ((await flow.find(id, principal)) !== undefined) await removeProbe(core, id);
    }),
  };
}

async function create({ core, flow, principal }: Probes, input: CreateProbeImportSession): Promise<string> {
  const { createSpec } = input;
  const clientToken = clientTokenOf(input.clientToken);
  await checkCreateSpec(core, createSpec);
  requirePrivileges(principal, sourcePrivileges(createSpec));
  const now = core.clock();
  const session = await flow.begin({
    id: randomUUID(),
    owner: principal.user,
    clientToken,
    state: 'PROBE_IMPORT_OVF_TRANSFER',
    createSpec,
    files: [firstFile(createSpec)],
    errors: [],
    warnings: [],
    information: [],
    createdAt: now,
    expiresAt: now + core.idleTimeoutMs,
  });
  return session.id;
}

/** Forgets a probe session, whoever owns it. */
export async function removeProbe(core: Core, id: string): Promise<void> {
  const address: SessionAddress = { kind: 'probe', id };
  await core.jobs.stop(sessionKey(address), new SessionError('NOT_FOUND', `The session ${id} was deleted.`));
  await core.sessions.probes.delete(id);
  await releaseSession(core, address);
}
