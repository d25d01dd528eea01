import { z } from 'zod';
import { CreateExportSession, ExportInfo, ExportPreview, ExportPreviewSpec, SourceInfo } from '../export-session.ts';
import { Id } from '../structure.ts';
import { ById, Progress } from './import-session.ts';
import { operation } from './route.ts';
import { SessionSummary } from './session-summary.ts';

const path = '/rest/com/vmware/vcenter/ovf/export-session';
const service = 'export_session';

/** Section 5 of the contract, and our list of sessions. */
export const exportSessionRoutes = {
  create: operation({
    service,
    operation: 'create',
    method: 'POST',
    path,
    input: CreateExportSession,
    output: Id,
    errors: [
      'NOT_FOUND',
      'INVALID_ARGUMENT',
      'NOT_ALLOWED_IN_CURRENT_STATE',
      'RESOURCE_INACCESSIBLE',
      'RESOURCE_BUSY',
      'UNAUTHORIZED',
    ],
    call: (backend, input, options) => backend.exportSession.create(input, options),
  }),
  get: operation({
    service,
    operation: 'get',
    method: 'GET',
    path: `${path}/id:{id}`,
    input: ById,
    output: ExportInfo,
    errors: ['NOT_FOUND'],
    call: (backend, input, options) => backend.exportSession.get(input, options),
  }),
  progress: operation({
    service,
    operation: 'progress',
    method: 'POST',
    path: `${path}/id:{id}`,
    action: 'progress',
    input: Progress,
    errors: ['NOT_FOUND', 'INVALID_ARGUMENT', 'NOT_ALLOWED_IN_CURRENT_STATE'],
    call: (backend, input, options) => backend.exportSession.progress(input, options),
  }),
  delete: operation({
    service,
    operation: 'delete',
    method: 'DELETE',
    path: `${path}/id:{id}`,
    input: ById,
    call: (backend, input, options) => backend.exportSession.delete(input, options),
  }),
  preview: operation({
    service,
    operation: 'preview',
    method: 'POST',
    path,
    action: 'preview',
    input: z.object({ source: SourceInfo, previewSpec: ExportPreviewSpec }),
    output: ExportPreview,
    errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'RESOURCE_INACCESSIBLE'],
    call: (backend, input, options) => backend.exportSession.preview(input, options),
  }),
  list: operation({
    service,
    operation: 'list',
    method: 'GET',
    path,
    input: z.object({}),
    output: z.array(SessionSummary).readonly(),
    isExtension: true,
    call: (backend, input, options) => backend.exportSession.list(input, options),
  }),
} as const;
