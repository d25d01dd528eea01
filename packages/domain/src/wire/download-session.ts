import { z } from 'zod';
import { CreateDownloadSession, DownloadFileInfo, DownloadSessionModel, EndpointType } from '../download-session.ts';
import { Id, Long, openEnum } from '../structure.ts';
import { itemSessionAction, itemSessionCalls, itemSessionFileCalls } from './item-session.ts';
import { operation } from './route.ts';

const id = 'downloadSessionId';
const sessions = { service: 'download_session', path: '/rest/com/vmware/content/library/item/download-session', id };
const files = {
  service: 'download_session_file',
  path: '/rest/com/vmware/content/library/item/downloadsession/file',
  id,
};
const calls = itemSessionCalls(sessions);
const fileCalls = itemSessionFileCalls(files);
const OfDownload = z.object({ downloadSessionId: Id });
const OfFile = OfDownload.extend({ fileName: z.string() });

/** Downloads of an item's files (public reference, section A.3). */
export const downloadSessionRoutes = {
  downloadSession: {
    create: operation({
      ...calls.create,
      input: CreateDownloadSession,
      errors: ['NOT_FOUND', 'INVALID_ARGUMENT'],
      call: (backend, input, options) => backend.contentLibrary.downloadSession.create(input, options),
    }),
    get: operation({
      ...calls.get,
      input: OfDownload,
      output: DownloadSessionModel,
      call: (backend, input, options) => backend.contentLibrary.downloadSession.get(input, options),
    }),
    list: operation({
      ...calls.list,
      call: (backend, input, options) => backend.contentLibrary.downloadSession.list(input, options),
    }),
    keepAlive: operation({
      ...itemSessionAction(sessions, 'keepAlive'),
      input: OfDownload.extend({ progress: z.exactOptional(Long) }),
      call: (backend, input, options) => backend.contentLibrary.downloadSession.keepAlive(input, options),
    }),
    cancel: operation({
      ...itemSessionAction(sessions, 'cancel'),
      input: OfDownload,
      call: (backend, input, options) => backend.contentLibrary.downloadSession.cancel(input, options),
    }),
    delete: operation({
      ...calls.delete,
      input: OfDownload,
      call: (backend, input, options) => backend.contentLibrary.downloadSession.delete(input, options),
    }),
  },
  downloadSessionFile: {
    list: operation({
      ...fileCalls.list,
      input: OfDownload,
      output: z.array(DownloadFileInfo).readonly(),
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.list(input, options),
    }),
    get: operation({
      ...fileCalls.get,
      input: OfFile,
      output: DownloadFileInfo,
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.get(input, options),
    }),
    prepare: operation({
      ...itemSessionAction(files, 'prepare'),
      input: OfFile.extend({ endpointType: z.exactOptional(openEnum(EndpointType)) }),
      output: DownloadFileInfo,
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE', 'UNSUPPORTED'],
      call: (backend, input, options) => backend.contentLibrary.downloadSessionFile.prepare(input, options),
    }),
  },
} as const;
