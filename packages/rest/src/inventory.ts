import type { InventoryServices } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind, settling } from './bind.ts';
import type { Client } from './client.ts';
import { already } from './settled.ts';

/** vCenter's inventory calls over REST. */
export function createInventoryServices(client: Client): InventoryServices {
  const each = bind(client);
  const settle = settling(client);
  const { vm, guestIdentity, power, vapp, resourcePool, folder, host, datastore, network, cluster, datacenter } =
    operationRoutes;
  const { hardwareVersion, storagePolicy } = operationRoutes;
  return {
    vm: {
      list: each(vm.list),
      get: each(vm.get),
      delete: each(vm.delete),
      markAsTemplate: settle(vm.markAsTemplate, () => already('ALREADY_IN_DESIRED_STATE')),
    },
    guestIdentity: {
      // a guest that is still starting is no server short of breath: whoever waits for it asks again itself
      get: (input, options) => client.call({ route: guestIdentity.get, input, options, once: true }),
    },
    power: {
      get: each(power.get),
      start: settle(power.start, () => already('ALREADY_IN_DESIRED_STATE')),
      stop: settle(power.stop, () => already('ALREADY_IN_DESIRED_STATE')),
      suspend: settle(power.suspend, () => already('ALREADY_IN_DESIRED_STATE')),
      // nothing tells afterwards whether it was done
      reset: (input, options) => client.call({ route: power.reset, input, options, once: true }),
    },
    vapp: {
      list: each(vapp.list),
      start: settle(vapp.start, () => already('ALREADY_IN_DESIRED_STATE')),
      delete: each(vapp.delete),
    },
    resourcePool: { list: each(resourcePool.list), get: each(resourcePool.get) },
    folder: { list: each(folder.list) },
    host: { list: each(host.list) },
    datastore: { list: each(datastore.list), get: each(datastore.get) },
    network: { list: each(network.list) },
    cluster: { list: each(cluster.list), get: each(cluster.get) },
    datacenter: { list: each(datacenter.list), get: each(datacenter.get) },
    hardwareVersion: { list: each(hardwareVersion.list) },
    storagePolicy: { list: each(storagePolicy.list) },
  };
}
