import { OvfValidationResult } from '../import-session.ts';
import { CreateProbeImportSession, ProbeInfo } from '../probe-import-session.ts';
import { Id } from '../structure.ts';
import { ById, Instantiation } from './import-session.ts';
import { operation } from './route.ts';

const path = '/rest/com/vmware/vcenter/ovf/probe-import-session';
const service = 'probe_import_session';

/** Section 4 of the contract. */
export const probeImportSessionRoutes = {
  createProbeImportSession: operation({
    service,
    operation: 'create_probe_import_session',
    method: 'POST',
    path,
    action: 'createProbeImportSession',
    input: CreateProbeImportSession,
    output: Id,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_INACCESSIBLE'],
    call: (backend, input, options) => backend.probeImportSession.createProbeImportSession(input, options),
  }),
  get: operation({
    service,
    operation: 'get',
    method: 'GET',
    path: `${path}/id:{id}`,
    input: ById,
    output: ProbeInfo,
    errors: ['NOT_FOUND'],
    call: (backend, input, options) => backend.probeImportSession.get(input, options),
  }),
  tryInstantiate: operation({
    service,
    operation: 'try_instantiate',
    method: 'POST',
    path: `${path}/id:{id}`,
    action: 'tryInstantiate',
    input: Instantiation,
    output: OvfValidationResult,
    errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.probeImportSession.tryInstantiate(input, options),
  }),
  delete: operation({
    service,
    operation: 'delete',
    method: 'DELETE',
    path: `${path}/id:{id}`,
    input: ById,
    call: (backend, input, options) => backend.probeImportSession.delete(input, options),
  }),
} as const;
