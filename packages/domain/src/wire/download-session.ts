import { z } from 'zod';
import { CreateDownloadSession, DownloadFileInfo, DownloadSessionModel, EndpointType } from '../download-session.ts';
import { Id, Long, openEnum } from '../structure.ts';
import { operation } from './route.ts';

const path = '/rest/com/vmware/content/library/item/download-session';
const files = '/rest/com/vmware/content/library/item/downloadsession/file';
const OfDownload = z.object({ downloadSessionId: Id });
const OfFile = OfDownload.extend({ fileName: z.string() });

/** Downloads of an item's files (public reference, section A.3). */
export const downloadSessionRoutes = {
  downloadSession: {
    create: operation({
      service: 'download_session',
      operation: 'create',
      method: 'POST',
      path: path,
      bareField: 'createSpec',
      input: CreateDownloadSession,
      output: Id,
      errors: ['NOT_FOUND', 'INVALID_ARGUMENT'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.create(input, options),
    }),
    get: operation({
      service: 'download_session',
      operation: 'get',
      method: 'GET',
      path: `${path}/id:{downloadSessionId}`,
      input: OfDownload,
      output: DownloadSessionModel,
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.get(input, options),
    }),
    list: operation({
      service: 'download_session',
      operation: 'list',
      method: 'GET',
      path: path,
      fieldsIn: 'query',
      input: z.object({ libraryItemId: z.exactOptional(Id) }),
      output: z.array(Id).readonly(),
      call: (backend, input, options) => backend.contentLibrary.downloadSession.list(input, options),
    }),
    keepAlive: operation({
      service: 'download_session',
      operation: 'keep_alive',
      method: 'POST',
      path: `${path}/id:{downloadSessionId}`,
      action: 'keepAlive',
      input: OfDownload.extend({ progress: z.exactOptional(Long) }),
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.keepAlive(input, options),
    }),
    cancel: operation({
      service: 'download_session',
      operation: 'cancel',
      method: 'POST',
      path: `${path}/id:{downloadSessionId}`,
      action: 'cancel',
      input: OfDownload,
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.cancel(input, options),
    }),
    delete: operation({
      service: 'download_session',
      operation: 'delete',
      method: 'DELETE',
      path: `${path}/id:{downloadSessionId}`,
      input: OfDownload,
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.delete(input, options),
    }),
  },
  downloadSessionFile: {
    list: operation({
      service: 'download_session_file',
      operation: 'list',
      method: 'GET',
      path: files,
      fieldsIn: 'query',
      input: OfDownload,
      output: z.array(DownloadFileInfo).readonly(),
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.list(input, options),
    }),
    get: operation({
      service: 'download_session_file',
      operation: 'get',
      method: 'POST',
      path: `${files}/id:{downloadSessionId}`,
      action: 'get',
      input: OfFile,
      output: DownloadFileInfo,
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.get(input, options),
    }),
    prepare: operation({
      service: 'download_session_file',
      operation: 'prepare',
      method: 'POST',
      path: `${files}/id:{downloadSessionId}`,
      action: 'prepare',
      input: OfFile.extend({ endpointType: z.exactOptional(openEnum(EndpointType)) }),
      output: DownloadFileInfo,
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNSUPPORTED'],
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.prepare(input, options),
    }),
  },
} as const;
