import { z } from 'zod';
import * as objects from '../inventory.ts';
import { Id } from '../structure.ts';
import { GuestIdentity } from '../vm-guest.ts';
import { operation } from './route.ts';
import { vmPowerRoutes } from './vm-power.ts';

const path = '/rest/vcenter';
const list = { operation: 'list', method: 'GET', fieldsIn: 'filter' } as const;
const get = { operation: 'get', method: 'GET', errors: ['NOT_FOUND'] } as const;
const many = <Summary extends z.ZodType>(summary: Summary) => z.array(summary).readonly();

/** vCenter's inventory calls (public reference, `/rest/vcenter/…`), as far as names have to be resolved; vApps are ours. */
export const inventoryRoutes = {
  vm: {
    list: operation({
      ...list,
      service: 'vm',
      path: `${path}/vm`,
      input: objects.VmFilter,
      output: many(objects.VmSummary),
      call: (backend, input, options) => backend.inventory.vm.list(input, options),
    }),
    get: operation({
      service: 'vm',
      operation: 'get',
      method: 'GET',
      path: `${path}/vm/{vm}`,
      input: z.object({ vm: Id }),
      output: objects.VmInfo,
      errors: ['NOT_FOUND'],
      call: (backend, input, options) => backend.inventory.vm.get(input, options),
    }),
    delete: operation({
      service: 'vm',
      operation: 'delete',
      method: 'DELETE',
      path: `${path}/vm/{vm}`,
      input: z.object({ vm: Id }),
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      call: (backend, input, options) => backend.inventory.vm.delete(input, options),
    }),
    markAsTemplate: operation({
      service: 'vm',
      operation: 'mark_as_template',
      method: 'POST',
      path: `${path}/vm/{vm}`,
      action: 'markAsTemplate',
      input: z.object({ vm: Id }),
      errors: ['NOT_FOUND', 'ALREADY_IN_DESIRED_STATE', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      isExtension: true,
      call: (backend, input, options) => backend.inventory.vm.markAsTemplate(input, options),
    }),
  },
  guestIdentity: {
    get: operation({
      service: 'guest_identity',
      operation: 'get',
      method: 'GET',
      path: `${path}/vm/{vm}/guest/identity`,
      input: z.object({ vm: Id }),
      output: GuestIdentity,
      errors: ['NOT_FOUND', 'SERVICE_UNAVAILABLE'],
      call: (backend, input, options) => backend.inventory.guestIdentity.get(input, options),
    }),
  },
  power: vmPowerRoutes,
  vapp: {
    list: operation({
      ...list,
      service: 'vapp',
      path: `${path}/vapp`,
      input: objects.VappFilter,
      output: many(objects.VappSummary),
      isExtension: true,
      call: (backend, input, options) => backend.inventory.vapp.list(input, options),
    }),
    start: operation({
      service: 'vapp',
      operation: 'start',
      method: 'POST',
      path: `${path}/vapp/{vapp}`,
      action: 'start',
      input: z.object({ vapp: Id }),
      errors: ['NOT_FOUND', 'ALREADY_IN_DESIRED_STATE', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      isExtension: true,
      call: (backend, input, options) => backend.inventory.vapp.start(input, options),
    }),
    delete: operation({
      service: 'vapp',
      operation: 'delete',
      method: 'DELETE',
      path: `${path}/vapp/{vapp}`,
      input: z.object({ vapp: Id }),
      errors: ['NOT_FOUND', 'NOT_ALLOWED_IN_CURRENT_STATE'],
      isExtension: true,
      call: (backend, input, options) => backend.inventory.vapp.delete(input, options),
    }),
  },
  resourcePool: {
    list: operation({
      ...list,
      service: 'resource_pool',
      path: `${path}/resource-pool`,
      input: objects.ResourcePoolFilter,
      output: many(objects.ResourcePoolSummary),
      call: (backend, input, options) => backend.inventory.resourcePool.list(input, options),
    }),
    get: operation({
      ...get,
      service: 'resource_pool',
      path: `${path}/resource-pool/{resourcePool}`,
      input: z.object({ resourcePool: Id }),
      output: objects.ResourcePoolInfo,
      call: (backend, input, options) => backend.inventory.resourcePool.get(input, options),
    }),
  },
  folder: {
    list: operation({
      ...list,
      service: 'folder',
      path: `${path}/folder`,
      input: objects.FolderFilter,
      output: many(objects.FolderSummary),
      call: (backend, input, options) => backend.inventory.folder.list(input, options),
    }),
  },
  host: {
    list: operation({
      ...list,
      service: 'host',
      path: `${path}/host`,
      input: objects.HostFilter,
      output: many(objects.HostSummary),
      call: (backend, input, options) => backend.inventory.host.list(input, options),
    }),
  },
  datastore: {
    list: operation({
      ...list,
      service: 'datastore',
      path: `${path}/datastore`,
      input: objects.DatastoreFilter,
      output: many(objects.DatastoreSummary),
      call: (backend, input, options) => backend.inventory.datastore.list(input, options),
    }),
    get: operation({
      ...get,
      service: 'datastore',
      path: `${path}/datastore/{datastore}`,
      input: z.object({ datastore: Id }),
      output: objects.DatastoreInfo,
      call: (backend, input, options) => backend.inventory.datastore.get(input, options),
    }),
  },
  network: {
    list: operation({
      ...list,
      service: 'network',
      path: `${path}/network`,
      input: objects.NetworkFilter,
      output: many(objects.NetworkSummary),
      call: (backend, input, options) => backend.inventory.network.list(input, options),
    }),
  },
  cluster: {
    list: operation({
      ...list,
      service: 'cluster',
      path: `${path}/cluster`,
      input: objects.ClusterFilter,
      output: many(objects.ClusterSummary),
      call: (backend, input, options) => backend.inventory.cluster.list(input, options),
    }),
    get: operation({
      ...get,
      service: 'cluster',
      path: `${path}/cluster/{cluster}`,
      input: z.object({ cluster: Id }),
      output: objects.ClusterInfo,
      call: (backend, input, options) => backend.inventory.cluster.get(input, options),
    }),
  },
  datacenter: {
    list: operation({
      ...list,
      service: 'datacenter',
      path: `${path}/datacenter`,
      input: objects.DatacenterFilter,
      output: many(objects.DatacenterSummary),
      call: (backend, input, options) => backend.inventory.datacenter.list(input, options),
    }),
    get: operation({
      ...get,
      service: 'datacenter',
      path: `${path}/datacenter/{datacenter}`,
      input: z.object({ datacenter: Id }),
      output: objects.DatacenterInfo,
      call: (backend, input, options) => backend.inventory.datacenter.get(input, options),
    }),
  },
  hardwareVersion: {
    list: operation({
      ...list,
      service: 'hardware_version',
      path: `${path}/hardware-version`,
      input: objects.HardwareVersionFilter,
      output: many(objects.HardwareVersionSummary),
      isExtension: true,
      call: (backend, input, options) => backend.inventory.hardwareVersion.list(input, options),
    }),
  },
  storagePolicy: {
    list: operation({
      ...list,
      service: 'storage_policy',
      path: `${path}/storage/policies`,
      input: objects.StoragePolicyFilter,
      output: many(objects.StoragePolicySummary),
      call: (backend, input, options) => backend.inventory.storagePolicy.list(input, options),
    }),
  },
} as const;
