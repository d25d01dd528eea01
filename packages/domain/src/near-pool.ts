import type { z } from 'zod';
import type { DatastoreFilter } from './inventory.ts';
import type { InventoryServices } from './ports/inventory.ts';
import type { CallOptions } from './ports/session-backend.ts';

/** What keeps a list to a datacenter, or to nothing. */
export type NearPool = Pick<z.infer<typeof DatastoreFilter>, 'datacenters'>;

/**
 * Keeps a list to the datacenter of a pool: in others there are networks, datastores and folders of the same names, and nothing in the pool
 * can be connected to them or lie there. Keeps to nothing where there is one datacenter only, or none shows the pool.
 */
export async function nearPool(
  { datacenter, resourcePool }: Pick<InventoryServices, 'datacenter' | 'resourcePool'>,
  pool: string,
  options?: CallOptions,
): Promise<NearPool> {
  const all = await datacenter.list({}, options);
  if (all.length < 2) return {};
  const near = await Promise.all(
    all.map(async ({ datacenter: id }) => {
      const pools = await resourcePool.list({ resourcePools: [pool], datacenters: [id] }, options);
      return pools.length > 0 ? [id] : [];
    }),
  );
  const datacenters = near.flat();
  return datacenters.length === 0 ? {} : { datacenters };
}
