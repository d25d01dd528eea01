import { randomUUID } from 'node:crypto';
import type { CallOptions, ContentLibraryServices } from '@ovfkit/domain';
import { operationRoutes, type Route } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';

/** The content library over REST. What makes something carries a token, so it may be repeated. */
export const createContentLibraryServices = (client: Client): ContentLibraryServices => ({
  ...createLibraryServices(client),
  ...createUpdateServices(client),
  ...createDownloadServices(client),
});

/** A route that makes something, as a method. */
const creating =
  (client: Client) =>
  <Input extends { readonly clientToken?: string }, Output>(route: Route<Input, Output>) =>
  (input: Input, options?: CallOptions): Promise<Output> =>
    client.call({ route, input: { ...input, clientToken: input.clientToken ?? randomUUID() }, options });

function createLibraryServices(
  client: Client,
): Pick<ContentLibraryServices, 'library' | 'localLibrary' | 'item' | 'itemFile' | 'itemStorage'> {
  const each = bind(client);
  const create = creating(client);
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
      update: each(localLibrary.update),
      delete: each(localLibrary.delete),
    },
    item: {
      list: each(item.list),
      get: each(item.get),
      find: each(item.find),
      create: create(item.create),
      update: each(item.update),
      delete: each(item.delete),
      copy: create(item.copy),
    },
    itemFile: { list: each(itemFile.list), get: each(itemFile.get) },
    itemStorage: { list: each(itemStorage.list), get: each(itemStorage.get) },
  };
}

function createUpdateServices(client: Client): Pick<ContentLibraryServices, 'updateSession' | 'updateSessionFile'> {
  const each = bind(client);
  const { updateSession, updateSessionFile } = operationRoutes;
  return {
    updateSession: {
      create: creating(client)(updateSession.create),
      get: each(updateSession.get),
      list: each(updateSession.list),
      keepAlive: each(updateSession.keepAlive),
      complete: each(updateSession.complete),
      cancel: each(updateSession.cancel),
      fail: each(updateSession.fail),
      delete: each(updateSession.delete),
    },
    updateSessionFile: {
      add: each(updateSessionFile.add),
      get: each(updateSessionFile.get),
      list: each(updateSessionFile.list),
      remove: each(updateSessionFile.remove),
      validate: each(updateSessionFile.validate),
      probe: each(updateSessionFile.probe),
    },
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
      cancel: each(downloadSession.cancel),
      delete: each(downloadSession.delete),
    },
    downloadSessionFile: {
      list: each(downloadSessionFile.list),
      get: each(downloadSessionFile.get),
      prepare: each(downloadSessionFile.prepare),
    },
  };
}
