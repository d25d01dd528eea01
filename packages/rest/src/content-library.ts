import type { ContentLibraryServices } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind, creating, settling } from './bind.ts';
import type { Client } from './client.ts';
import { changed, ended } from './settled.ts';
import { createUpdateServices } from './update-session.ts';

/** The content library over REST. What makes something carries a token, so it may be repeated. */
export const createContentLibraryServices = (client: Client): ContentLibraryServices => ({
  ...createLibraryServices(client),
  ...createUpdateServices(client),
  ...createDownloadServices(client),
});

function createLibraryServices(
  client: Client,
): Pick<ContentLibraryServices, 'library' | 'localLibrary' | 'item' | 'itemFile' | 'itemStorage'> {
  const each = bind(client);
  const create = creating(client);
  const settle = settling(client);
  const { library, localLibrary, item, itemFile, itemStorage } = operationRoutes;
  return {
    library: {
      list: each(library.list),
      get: each(library.get),
      find: each(library.find),
      delete: each(library.delete),
    },
    localLibrary: {
      list: each(localLibrary.list),
      get: each(localLibrary.get),
      create: create(localLibrary.create),
      update: settle(localLibrary.update, ({ libraryId, updateSpec }, options) =>
        changed(updateSpec, () => client.call({ route: localLibrary.get, input: { libraryId }, options })),
      ),
      delete: each(localLibrary.delete),
    },
    item: {
      list: each(item.list),
      get: each(item.get),
      find: each(item.find),
      create: create(item.create),
      update: settle(item.update, ({ libraryItemId, updateSpec }, options) =>
        changed(updateSpec, () => client.call({ route: item.get, input: { libraryItemId }, options })),
      ),
      delete: each(item.delete),
      copy: create(item.copy),
    },
    itemFile: { list: each(itemFile.list), get: each(itemFile.get) },
    itemStorage: { list: each(itemStorage.list), get: each(itemStorage.get) },
  };
}

function createDownloadServices(
  client: Client,
): Pick<ContentLibraryServices, 'downloadSession' | 'downloadSessionFile'> {
  const each = bind(client);
  const { downloadSession, downloadSessionFile } = operationRoutes;
  return {
    downloadSession: {
      create: creating(client)(downloadSession.create),
      get: each(downloadSession.get),
      list: each(downloadSession.list),
      keepAlive: each(downloadSession.keepAlive),
      cancel: settling(client)(downloadSession.cancel, (input, options) =>
        ended(async () => (await client.call({ route: downloadSession.get, input, options })).state === 'CANCELED'),
      ),
      delete: each(downloadSession.delete),
    },
    downloadSessionFile: {
      list: each(downloadSessionFile.list),
      get: each(downloadSessionFile.get),
      prepare: each(downloadSessionFile.prepare),
    },
  };
}
