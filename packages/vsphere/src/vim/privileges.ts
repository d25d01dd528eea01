import { SessionError } from '@ovfkit/domain';
import { retrieveOne } from './property-collector.ts';
import type { VimClient, VimMethod } from './vim-client.ts';
import { flag, list, object, optional, reference, text, type ValueOf } from './vim-shape.ts';
import type { ManagedObject } from './vim-value.ts';

/** What whoever is logged in may do with one object. */
export interface Granted {
  readonly entity: ManagedObject;
  /** Of those asked for, by vSphere's names: `VApp.Import`. */
  readonly privileges: ReadonlySet<string>;
}

const entityPrivileges = list(
  object('EntityPrivilege', {
    entity: reference,
    privAvailability: list(object('PrivilegeAvailability', { privId: text, isGranted: flag })),
  }),
);

const hasPrivilegeOnEntities: VimMethod<ValueOf<typeof entityPrivileges>> = {
  name: 'HasPrivilegeOnEntities',
  result: entityPrivileges,
  isRepeatable: true,
};

/** Its key names the session of the caller to the authorization manager. */
const currentSession = { currentSession: optional(object('UserSession', { key: text })) };

/**
 * Which of the privileges are granted on each object, in the order asked.
 * @throws SessionError UNSUPPORTED for a server that does not tell
 */
export async function grantedPrivileges(
  vim: VimClient,
  {
    entities,
    privileges,
    signal,
  }: {
    readonly entities: readonly ManagedObject[];
    readonly privileges: readonly string[];
    readonly signal?: AbortSignal | undefined;
  },
): Promise<readonly Granted[]> {
  const { authorizationManager, sessionManager } = vim.content;
  if (authorizationManager === undefined || sessionManager === undefined) throw untold(vim);
  const session = await retrieveOne(vim, { object: sessionManager, properties: currentSession, signal });
  const sessionId = session.currentSession?.key;
  if (sessionId === undefined) throw untold(vim);
  const args = { entity: entities, sessionId, privId: privileges };
  const answer = await vim.call(hasPrivilegeOnEntities, { object: authorizationManager, args, signal });
  return answer.map(({ entity, privAvailability }) => ({
    entity,
    privileges: new Set(privAvailability.flatMap(({ privId, isGranted }) => (isGranted ? [privId] : []))),
  }));
}

const untold = ({ url }: VimClient): SessionError =>
  new SessionError('UNSUPPORTED', `${url.host} does not tell what its users may do.`);
