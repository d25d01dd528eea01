import { randomUUID } from 'node:crypto';
import type { LibraryItemService } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';

const routes = operationRoutes.libraryItem;

/**
 * `library_item` over REST. What makes something carries a token, so it may be repeated; it answers when all disks are copied,
 * however long that takes.
 */
export function createLibraryItemService(client: Client): LibraryItemService {
  const withToken = <Input extends { readonly clientToken?: string }>(input: Input) => ({
    ...input,
    clientToken: input.clientToken ?? randomUUID(),
  });
  return {
    create: (input, options) => client.call({ route: routes.create, input: withToken(input), options, timeoutMs: 0 }),
    deploy: (input, options) => client.call({ route: routes.deploy, input: withToken(input), options, timeoutMs: 0 }),
    filter: bind(client)(routes.filter),
  };
}
