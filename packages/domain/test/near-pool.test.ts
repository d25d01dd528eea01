import { expect, test } from 'vitest';
import { nearPool } from '../src/index.ts';

const never = () => Promise.reject(new Error('not asked'));

/** Pools by the datacenter they are in. */
const inventoryWith = (pools: Readonly<Record<string, readonly string[]>>) => ({
  datacenter: { list: async () => Object.keys(pools).map((id) => ({ datacenter: id, name: 'DC' })), get: never },
  resourcePool: {
    list: async ({ resourcePools = [], datacenters = [] }: { resourcePools?: string[]; datacenters?: string[] }) =>
      datacenters
        .flatMap((id) => pools[id] ?? [])
        .filter((id) => resourcePools.includes(id))
        .map((id) => ({ resourcePool: id, name: 'Resources' })),
    get: never,
  },
});

test('lists are kept to the datacenter that has the pool', async () => {
  const inventory = inventoryWith({ 'datacenter-1': ['resgroup-1'], 'datacenter-2': ['resgroup-2', 'resgroup-3'] });
  expect(await nearPool(inventory, 'resgroup-3')).toEqual({ datacenters: ['datacenter-2'] });
});

test('lists are kept to nothing where no datacenter shows the pool, or there is one only', async () => {
  expect(await nearPool(inventoryWith({ 'datacenter-1': [], 'datacenter-2': [] }), 'resgroup-3')).toEqual({});
  expect(await nearPool(inventoryWith({ 'datacenter-1': [] }), 'resgroup-3')).toEqual({});
});
