import type { CallOptions, ContentLibraryServices, UpdateFileSpec, UpdateSessionState } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind, creating, settling } from './bind.ts';
import type { Client } from './client.ts';
import { already, ended, type Settle } from './settled.ts';

const { updateSession: routes, updateSessionFile: fileRoutes } = operationRoutes;

/** `update_session` and its files over REST. What cannot be done twice is settled by what the session has become. */
export function createUpdateServices(
  client: Client,
): Pick<ContentLibraryServices, 'updateSession' | 'updateSessionFile'> {
  const each = bind(client);
  const settle = settling(client);
  const reader = (input: OfUpdate, options?: CallOptions): Reader => ({ client, input, options });
  return {
    updateSession: {
      create: creating(client)(routes.create),
      get: each(routes.get),
      list: each(routes.list),
      keepAlive: each(routes.keepAlive),
      complete: settle(routes.complete, (input, options) => ended(() => isCompleted(reader(input, options)))),
      cancel: settle(routes.cancel, (input, options) => ended(() => isIn(reader(input, options), 'CANCELED'))),
      fail: settle(routes.fail, (input, options) => ended(() => isIn(reader(input, options), 'ERROR'))),
      delete: each(routes.delete),
    },
    updateSessionFile: {
      add: settle(fileRoutes.add, ({ fileSpec, ...input }, options) => added(reader(input, options), fileSpec)),
      get: each(fileRoutes.get),
      list: each(fileRoutes.list),
      remove: settle(fileRoutes.remove, () => already('NOT_FOUND')),
      validate: each(fileRoutes.validate),
      probe: each(fileRoutes.probe),
    },
  };
}

interface OfUpdate {
  readonly updateSessionId: string;
}

/** Who reads a session, and which. */
interface Reader {
  readonly client: Client;
  readonly input: OfUpdate;
  readonly options: CallOptions | undefined;
}

const stateOf = async ({ client, input: { updateSessionId }, options }: Reader) =>
  (await client.call({ route: routes.get, input: { updateSessionId }, options })).state;

const isIn = async (reader: Reader, state: UpdateSessionState): Promise<boolean> => (await stateOf(reader)) === state;

/** A session that waits for nothing its client has to send refuses only a second `complete`. */
async function isCompleted(reader: Reader): Promise<boolean> {
  const state = await stateOf(reader);
  if (state !== 'ACTIVE') return state !== 'CANCELED';
  const { client, input, options } = reader;
  const { updateSessionId } = input;
  const files = await client.call({ route: fileRoutes.list, input: { updateSessionId }, options });
  return files.every(({ sourceType, status }) => sourceType === 'PULL' || status === 'READY');
}

const added =
  (
    { client, input: { updateSessionId }, options }: Reader,
    { name, sourceType }: UpdateFileSpec,
  ): Settle<Awaited<ReturnType<ContentLibraryServices['updateSessionFile']['add']>>> =>
  async ({ kind }) => {
    if (kind !== 'ALREADY_EXISTS') return undefined;
    const file = await client.call({ route: fileRoutes.get, input: { updateSessionId, fileName: name }, options });
    return file.sourceType === sourceType ? { output: file } : undefined;
  };
