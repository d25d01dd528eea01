import { z } from 'zod';
import { ProbeResult } from '../import-session.ts';
import { Id, Long } from '../structure.ts';
import {
  CreateUpdateSession,
  TransferEndpoint,
  UpdateFileInfo,
  UpdateFileSpec,
  UpdateSessionModel,
  UpdateValidation,
} from '../update-session.ts';
import { itemSessionAction, itemSessionCalls, itemSessionFileCalls } from './item-session.ts';
import { operation } from './route.ts';

const id = 'updateSessionId';
const sessions = { service: 'update_session', path: '/rest/com/vmware/content/library/item/update-session', id };
// the session is `update-session`, its files live under `updatesession`
const files = { service: 'update_session_file', path: '/rest/com/vmware/content/library/item/updatesession/file', id };
const calls = itemSessionCalls(sessions);
const fileCalls = itemSessionFileCalls(files);
const OfUpdate = z.object({ updateSessionId: Id });
const OfFile = OfUpdate.extend({ fileName: z.string() });

/** Changes of an item's files (public reference, section A.2). */
export const updateSessionRoutes = {
  updateSession: {
    create: operation({
      ...calls.create,
      input: CreateUpdateSession,
      errors: ['NOT_FOUND', 'INVALID_ARGUMENT', 'RESOURCE_BUSY'],
      call: (backend, input, options) => backend.contentLibrary.updateSession.create(input, options),
    }),
    get: operation({
      ...calls.get,
      input: OfUpdate,
      output: UpdateSessionModel,
      call: (backend, input, options) => backend.contentLibrary.updateSession.get(input, options),
    }),
    list: operation({
      ...calls.list,
      call: (backend, input, options) => backend.contentLibrary.updateSession.list(input, options),
    }),
    keepAlive: operation({
      ...itemSessionAction(sessions, 'keepAlive'),
      input: OfUpdate.extend({ clientProgress: z.exactOptional(Long) }),
      call: (backend, input, options) => backend.contentLibrary.updateSession.keepAlive(input, options),
    }),
    complete: operation({
      ...itemSessionAction(sessions, 'complete'),
      input: OfUpdate,
      call: (backend, input, options) => backend.contentLibrary.updateSession.complete(input, options),
    }),
    cancel: operation({
      ...itemSessionAction(sessions, 'cancel'),
      input: OfUpdate,
      call: (backend, input, options) => backend.contentLibrary.updateSession.cancel(input, options),
    }),
    fail: operation({
      ...itemSessionAction(sessions, 'fail'),
      input: OfUpdate.extend({ clientErrorMessage: z.string() }),
      call: (backend, input, options) => backend.contentLibrary.updateSession.fail(input, options),
    }),
    delete: operation({
      ...calls.delete,
      input: OfUpdate,
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      call: (backend, input, options) => backend.contentLibrary.updateSession.delete(input, options),
    }),
  },
  updateSessionFile: {
    add: operation({
      ...itemSessionAction(files, 'add'),
      bareField: 'fileSpec',
      input: OfUpdate.extend({ fileSpec: UpdateFileSpec }),
      output: UpdateFileInfo,
      errors: ['NOT_FOUND', 'INVALID_ARGUMENT', 'ALREADY_EXISTS', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNSUPPORTED'],
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.add(input, options),
    }),
    get: operation({
      ...fileCalls.get,
      input: OfFile,
      output: UpdateFileInfo,
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.get(input, options),
    }),
    list: operation({
      ...fileCalls.list,
      input: OfUpdate,
      output: z.array(UpdateFileInfo).readonly(),
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.list(input, options),
    }),
    remove: operation({
      ...itemSessionAction(files, 'remove'),
      input: OfFile,
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.remove(input, options),
    }),
    validate: operation({
      ...itemSessionAction(files, 'validate'),
      input: OfUpdate,
      output: UpdateValidation,
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.validate(input, options),
    }),
    probe: operation({
      service: files.service,
      operation: 'probe',
      method: 'POST',
      path: files.path,
      action: 'probe',
      input: z.object({ sourceEndpoint: TransferEndpoint }),
      output: ProbeResult,
      call: (backend, input, options) => backend.contentLibrary.updateSessionFile.probe(input, options),
    }),
  },
} as const;
