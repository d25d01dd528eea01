import type { InventoryServices } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import type { Client } from './client.ts';

/** vCenter's inventory calls over REST. */
export function createInventoryServices(client: Client): InventoryServices {
  const each = bind(client);
  const { vm, power, vapp, resourcePool, folder, host, datastore, network, cluster, datacenter, storagePolicy } =
    operationRoutes;
  return {
    vm: { list: each(vm.list), get: each(vm.get), delete: each(vm.delete) },
    power: {
      get: each(power.get),
      start: each(power.start),
      stop: each(power.stop),
      suspend: each(power.suspend),
      reset: each(power.reset),
    },
    vapp: { list: each(vapp.list), delete: each(vapp.delete) },
    resourcePool: { list: each(resourcePool.list), get: each(resourcePool.get) },
    folder: { list: each(folder.list) },
    host: { list: each(host.list) },
    datastore: { list: each(datastore.list), get: each(datastore.get) },
    network: { list: each(network.list) },
    cluster: { list: each(cluster.list), get: each(cluster.get) },
    datacenter: { list: each(datacenter.list), get: each(datacenter.get) },
    storagePolicy: { list: each(storagePolicy.list) },
  };
}
