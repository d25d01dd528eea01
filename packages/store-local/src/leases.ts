import type { LeaseTable } from '@ovfkit/domain';
import { z } from 'zod';
import type { Database } from './database.ts';

const Rows = z.array(z.object({ key: z.string() }));

/** Leases in `database`. */
export function createLeaseTable(database: Database): LeaseTable {
  return {
    async take({ key, holder, now, lengthMs }) {
      const changed = database.run(
        `INSERT INTO lease VALUES (?, ?, ?) ON CONFLICT (key)
          DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
          WHERE holder = excluded.holder OR ends_at <= ? OR ends_at > excluded.ends_at`,
        ...[key, holder, now + lengthMs, now],
      );
      return changed === 1;
    },
    async release({ key, holder }) {
      database.run('DELETE FROM lease WHERE key = ? AND holder = ?', key, holder);
    },
    ended: async ({ now, lengthMs }) =>
      Rows.parse(
        database.all('SELECT key FROM lease WHERE ends_at <= ? OR ends_at > ? ORDER BY key', now, now + lengthMs),
      ).map(({ key }) => key),
  };
}

/** Ends every lease: whoever has the folder alone knows that no holder is left. */
export const endLeases = (database: Database): void => void database.run('DELETE FROM lease');
