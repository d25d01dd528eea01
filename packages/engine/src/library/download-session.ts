import { randomUUID } from 'node:crypto';
import {
  type CreateDownloadSession,
  type DownloadSession,
  type DownloadSessionFileService,
  type DownloadSessionService,
  SessionError,
} from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from '../blob-key.ts';
import { clientTokenOf, guarded, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import { releaseSession } from '../session-blobs.ts';
import { found } from './items.ts';
import { downloadFileInfo, downloadModel } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';
import { percentOf } from './update-session.ts';

/** Download sessions of one caller. */
export function createDownloadSessionService(parts: LibraryParts): DownloadSessionService {
  const { core, downloads: flow, principal } = parts;
  return {
    create: guarded((input) => create(parts, input)),
    get: guarded(async ({ downloadSessionId: id }) => downloadModel(await flow.use(id, principal))),
    list: guarded(async ({ libraryItemId }) => {
      const sessions = await core.sessions.downloads.list(principal.isAdmin ? {} : { owner: principal.user });
      return sessions
        .filter(({ expiresAt }) => expiresAt > core.clock())
        .filter((each) => libraryItemId === undefined || each.libraryItemId === libraryItemId)
        .map(({ id }) => id);
    }),
    keepAlive: guarded(async ({ downloadSessionId: id, progress }) => {
      const before = await flow.use(id, principal);
      await flow.step(id, () => ({ type: 'reportProgress', percent: percentOf(progress, before.progress) }));
    }),
    cancel: guarded(async ({ downloadSessionId: id }) => {
      await flow.use(id, principal);
      await flow.step(id, () => ({ type: 'cancel' }));
    }),
    delete: guarded(async ({ downloadSessionId: id }) => {
      await flow.use(id, principal);
      await removeDownload(core, id);
    }),
  };
}

async function create({ core, downloads, principal }: LibraryParts, input: CreateDownloadSession): Promise<string> {
  const { libraryItemId } = input.createSpec;
  const clientToken = clientTokenOf(input.clientToken);
  refuse(libraryItemId === undefined ? ['library_item_id is required.'] : []);
  return core.references.take(async () => {
    const item = await core.library.item(libraryItemId ?? '');
    const now = core.clock();
    const session: DownloadSession = {
      id: randomUUID(),
      owner: principal.user,
      clientToken,
      state: 'ACTIVE',
      libraryItemId: item.id,
      contentVersion: item.contentVersion,
      files: item.files.map(({ name, blob, size, sha256 }) => ({ name, blob, size, sha256 })),
      prepared: [],
      progress: 0,
      createdAt: now,
      expiresAt: now + core.idleTimeoutMs,
    };
    const { id } = await downloads.begin(session);
    if (id === session.id)
      core.borrowed.take(
        { kind: 'download', id },
        session.files.map(({ blob }) => blob),
      );
    return id;
  });
}

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

/** Forgets a download session, whoever owns it; the item stays. */
export async function removeDownload(core: Core, id: string): Promise<void> {
  const address: SessionAddress = { kind: 'download', id };
  await core.jobs.stop(sessionKey(address), new SessionError('NOT_FOUND', `The session ${id} was deleted.`));
  await core.sessions.downloads.delete(id);
  await releaseSession(core, address);
}
