import { type InventoryServices, SessionError } from '@ovfkit/domain';
import type { Database } from './database.ts';

/** No guest runs here, whatever the power of its machine: there is nobody to tell a name or an address. */
export function createGuestService(database: Database): InventoryServices['guestIdentity'] {
  return {
    async get({ vm }, options) {
      options?.signal?.throwIfAborted();
      if (database.all('SELECT id FROM vm WHERE id = ?', vm).length === 0)
        throw new SessionError('NOT_FOUND', `There is no virtual machine ${vm}.`);
      throw new SessionError(
        'SERVICE_UNAVAILABLE',
        `No VMware Tools run in ${vm}: this inventory only keeps machines.`,
      );
    },
  };
}
