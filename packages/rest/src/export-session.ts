import { randomUUID } from 'node:crypto';
import type { ExportSessionService } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';

const routes = operationRoutes.exportSession;

/** `export_session` over REST. A create always carries a token, so it may be repeated. */
export function createExportSessionService(client: Client): ExportSessionService {
  const each = bind(client);
  return {
    create: (input, options) =>
      client.call({
        route: routes.create,
        input: { ...input, clientToken: input.clientToken ?? randomUUID() },
        options,
      }),
    get: each(routes.get),
    progress: each(routes.progress),
    delete: each(routes.delete),
    preview: each(routes.preview),
    list: each(routes.list),
  };
}
