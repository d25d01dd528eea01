import type { InventoryServices } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';

/** vCenter's inventory calls over REST. */
export function createInventoryServices(client: Client): InventoryServices {
  const each = bind(client);
  const { vm, vapp, resourcePool, folder, host, datastore, network, cluster, datacenter, storagePolicy } =
    operationRoutes;
  return {
    vm: { list: each(vm.list), get: each(vm.get), delete: each(vm.delete) },
    vapp: { list: each(vapp.list), delete: each(vapp.delete) },
    resourcePool: { list: each(resourcePool.list) },
    folder: { list: each(folder.list) },
    host: { list: each(host.list) },
    datastore: { list: each(datastore.list) },
    network: { list: each(network.list) },
    cluster: { list: each(cluster.list) },
    datacenter: { list: each(datacenter.list) },
    storagePolicy: { list: each(storagePolicy.list) },
  };
}
