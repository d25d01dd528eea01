import { randomUUID } from 'node:crypto';
import type { ProbeImportSessionService } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';
import { withList } from './import-session.ts';

const routes = operationRoutes.probeImportSession;

/** `probe_import_session` over REST. */
export function createProbeImportSessionService(client: Client): ProbeImportSessionService {
  const each = bind(client);
  return {
    createProbeImportSession: (input, options) =>
      client.call({
        route: routes.createProbeImportSession,
        input: { ...input, clientToken: input.clientToken ?? randomUUID() },
        options,
      }),
    get: each(routes.get),
    tryInstantiate: (input, options) => client.call({ route: routes.tryInstantiate, input: withList(input), options }),
    delete: each(routes.delete),
  };
}
