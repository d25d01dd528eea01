import { itemsOf } from '../../../src/vim/vim-shape.ts';
import { managedObject } from '../../../src/vim/vim-value.ts';
import { isReference, type Model } from './model.ts';
import type { Methods } from './vim-server.ts';

/** What a user may not do, as `resgroup-8 VApp.Import`; everything else is granted. */
export function privilegeMethods(model: Model, denied: ReadonlySet<string> = new Set()): Methods {
  const { properties } = model.get(managedObject('SessionManager', 'SessionManager'));
  properties['currentSession'] = { _typeName: 'UserSession', key: 'session-1', userName: 'user' };
  return {
    'AuthorizationManager.HasPrivilegeOnEntities': ({ args }) =>
      itemsOf(args['entity'])
        .filter(isReference)
        .map((entity) => ({
          _typeName: 'EntityPrivilege',
          entity,
          privAvailability: itemsOf(args['privId']).map((privId) => ({
            _typeName: 'PrivilegeAvailability',
            privId,
            isGranted: !denied.has(`${entity.value} ${String(privId)}`),
          })),
        })),
  };
}
