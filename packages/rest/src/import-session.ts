import { randomUUID } from 'node:crypto';
import { type CallOptions, type ImportSessionService, type OvfParams, SessionError } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';
import { backOff, isPassing, pause } from './retry.ts';

const routes = operationRoutes.importSession;

/** `import_session` over REST. A create always carries a token, so it may be repeated; `instantiate` never is blindly. */
export function createImportSessionService(client: Client): ImportSessionService {
  const each = bind(client);
  return {
    createForResourcePool: (input, options) =>
      client.call({
        route: routes.createForResourcePool,
        input: { ...input, clientToken: input.clientToken ?? randomUUID() },
        options,
      }),
    get: each(routes.get),
    tryInstantiate: (input, options) => client.call({ route: routes.tryInstantiate, input: withList(input), options }),
    instantiate: (input, options = {}) => instantiate(client, { input: withList(input), options }),
    progress: each(routes.progress),
    delete: each(routes.delete),
    preview: each(routes.preview),
    probe: each(routes.probe),
    list: each(routes.list),
  };
}

interface Instantiation {
  readonly id: string;
  readonly instantiationParameters: readonly OvfParams[];
}

/** The route's own list is not read-only. */
export const withList = ({ id, instantiationParameters }: Instantiation) => ({
  id,
  instantiationParameters: [...instantiationParameters],
});

const attempts = 5;

/**
 * Not idempotent (contract, section 3.4): when no answer comes, the session's state tells whether the call took effect. It is only sent
 * again while the session still waits for it.
 */
async function instantiate(
  client: Client,
  { input, options }: { readonly input: ReturnType<typeof withList>; readonly options: CallOptions },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.call({ route: routes.instantiate, input, options, once: true });
    } catch (error) {
      const isLate = attempt > 1 && error instanceof SessionError && error.kind === 'NOT_ALLOWED_IN_CURRENT_STATE';
      if (!isLate && (!isPassing(error) || attempt === attempts)) throw error;
      const { state } = await client.call({ route: routes.get, input: { id: input.id }, options });
      if (state !== 'IMPORT_SELECTING_OVF_PARAMS') return;
      if (isLate) throw error;
      await pause(backOff(attempt - 1), options.signal);
    }
  }
}
