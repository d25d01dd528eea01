import { z } from 'zod';
import { CreateImportSession, ImportInfo, ImportPreview, OvfValidationResult, ProbeResult } from '../import-session.ts';
import { OvfParamsList } from '../ovf-params-list.ts';
import { Id, Long } from '../structure.ts';
import { operation } from './route.ts';
import { SessionSummary } from './session-summary.ts';

const path = '/rest/com/vmware/vcenter/ovf/import-session';
const service = 'import_session';
export const ById = z.object({ id: Id });
export const Instantiation = z.object({ id: Id, instantiationParameters: OvfParamsList });
export const Progress = z.object({ id: Id, percent: Long });

/** Section 3 of the contract, and our list of sessions. */
export const importSessionRoutes = {
  createForResourcePool: operation({
    service,
    operation: 'create_for_resource_pool',
    method: 'POST',
    path: `${path}/id:{resourcePool}`,
    action: 'createForResourcePool',
    input: CreateImportSession,
    output: Id,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_INACCESSIBLE', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.importSession.createForResourcePool(input, options),
  }),
  /** The pool in the body: the other reading of contract 14.1, which servers accept. */
  createForResourcePoolInBody: operation({
    service,
    operation: 'create_for_resource_pool',
    method: 'POST',
    path,
    action: 'createForResourcePool',
    input: CreateImportSession,
    output: Id,
    errors: ['INVALID_ARGUMENT', 'NOT_FOUND', 'RESOURCE_INACCESSIBLE', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.importSession.createForResourcePool(input, options),
  }),
  get: operation({
    service,
    operation: 'get',
    method: 'GET',
    path: `${path}/id:{id}`,
    input: ById,
    output: ImportInfo,
    errors: ['NOT_FOUND', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.importSession.get(input, options),
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
    call: (backend, input, options) => backend.importSession.tryInstantiate(input, options),
  }),
  instantiate: operation({
    service,
    operation: 'instantiate',
    method: 'POST',
    path: `${path}/id:{id}`,
    action: 'instantiate',
    input: Instantiation,
    errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'INVALID_ARGUMENT', 'UNSUPPORTED', 'UNAUTHORIZED'],
    call: (backend, input, options) => backend.importSession.instantiate(input, options),
  }),
  progress: operation({
    service,
    operation: 'progress',
    method: 'POST',
    path: `${path}/id:{id}`,
    action: 'progress',
    input: Progress,
    errors: ['NOT_FOUND', 'INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE'],
    call: (backend, input, options) => backend.importSession.progress(input, options),
  }),
  delete: operation({
    service,
    operation: 'delete',
    method: 'DELETE',
    path: `${path}/id:{id}`,
    input: ById,
    call: (backend, input, options) => backend.importSession.delete(input, options),
  }),
  preview: operation({
    service,
    operation: 'preview',
    method: 'POST',
    path,
    action: 'preview',
    input: z.object({ ovfDescriptor: z.string() }),
    output: ImportPreview,
    errors: ['INVALID_ARGUMENT'],
    call: (backend, input, options) => backend.importSession.preview(input, options),
  }),
  probe: operation({
    service,
    operation: 'probe',
    method: 'POST',
    path,
    action: 'probe',
    input: z.object({ uri: z.string(), sslCertificateThumbprint: z.exactOptional(z.string()) }),
    output: ProbeResult,
    call: (backend, input, options) => backend.importSession.probe(input, options),
  }),
  list: operation({
    service,
    operation: 'list',
    method: 'GET',
    path,
    input: z.object({}),
    output: z.array(SessionSummary).readonly(),
    isExtension: true,
    call: (backend, input, options) => backend.importSession.list(input, options),
  }),
} as const;
