import assert from 'node:assert/strict';
import type { InventoryServices } from '@ovfkit/domain';
import type { SamplePlace } from './sample-entity.ts';

/** The first resource pool, folder, datastore and network of an inventory; rejects when one is missing. */
export async function placeIn(inventory: InventoryServices): Promise<SamplePlace> {
  const [pool] = await inventory.resourcePool.list({});
  const [folder] = await inventory.folder.list({ type: 'VIRTUAL_MACHINE' });
  const [datastore] = await inventory.datastore.list({});
  const [network] = await inventory.network.list({});
  assert.ok(pool && folder && datastore && network, 'the inventory lacks a place for virtual machines');
  return {
    placement: { resourcePool: pool.resourcePool, folder: folder.folder, datastore: datastore.datastore },
    network: network.network,
  };
}
