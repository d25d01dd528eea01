import {
  type CreateDownloadSession,
  type DownloadSession,
  type DownloadSessionFileService,
  type DownloadSessionService,
  SessionError,
} from '@ovfkit/domain';
import { guarded } from '../call-check.ts';
import { beginItemSession, listItemSessions, removeItemSession, reportItemProgress } from './item-session.ts';
import { found } from './items.ts';
import { downloadFileInfo, itemSessionModel } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';

/** Download sessions of one caller. */
export function createDownloadSessionService(parts: LibraryParts): DownloadSessionService {
  const { core, downloads: flow, principal } = parts;
  return {
    create: guarded((input) => create(parts, input)),
    get: guarded(async ({ downloadSessionId: id }) => itemSessionModel(await flow.use(id, principal))),
    list: guarded((input) => listItemSessions(parts, core.sessions.downloads, input)),
    keepAlive: guarded(({ downloadSessionId: id, progress: percent }) =>
      reportItemProgress(parts, flow, { id, percent }),
    ),
    cancel: guarded(async ({ downloadSessionId: id }) => {
      await flow.use(id, principal);
      await flow.step(id, () => ({ type: 'cancel' }));
    }),
    delete: guarded(async ({ downloadSessionId: id }) => {
      await flow.use(id, principal);
      await removeItemSession(core, { kind: 'download', id });
    }),
  };
}

const create = (parts: LibraryParts, input: CreateDownloadSession): Promise<string> =>
  beginItemSession(parts, input, async ({ item, fields }) => {
    const files = item.files.map(({ name, blob, size, sha256 }) => ({ name, blob, size, sha256 }));
    const { id } = await parts.downloads.begin({ ...fields, state: 'ACTIVE', files, prepared: [] });
    if (id === fields.id)
      parts.core.borrowed.take(
        { kind: 'download', id },
        files.map(({ blob }) => blob),
      );
    return id;
  });

/** Files of the download sessions of one caller. */
export function createDownloadSessionFileService(parts: LibraryParts): DownloadSessionFileService {
  const { downloads: flow, principal } = parts;
  const infoOf = (session: DownloadSession, name: string) => downloadFileInfo(session, found(name, session.files));
  return {
    list: guarded(async ({ downloadSessionId: id }) => {
      const session = await flow.use(id, principal);
      return session.files.map((file) => downloadFileInfo(session, file));
    }),
    get: guarded(async ({ downloadSessionId: id, fileName }) => infoOf(await flow.use(id, principal), fileName)),
    prepare: guarded(async ({ downloadSessionId: id, fileName, endpointType = 'HTTPS' }) => {
      found(fileName, (await flow.use(id, principal)).files);
      if (endpointType !== 'HTTPS')
        throw new SessionError('UNSUPPORTED', `Files are fetched by HTTPS, not by ${endpointType}.`);
      return infoOf(await flow.step(id, () => ({ type: 'prepareFile', name: fileName })), fileName);
    }),
  };
}
