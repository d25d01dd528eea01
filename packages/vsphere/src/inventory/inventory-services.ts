import type { InventoryServices } from '@ovfkit/domain';
import type { VimClient } from '../vim/vim-client.ts';
import { datastoreService } from './datastores.ts';
import { hardwareVersionService } from './hardware-versions.ts';
import { clusterService, datacenterService, folderService, hostService, networkService } from './places.ts';
import { powerService } from './power.ts';
import { resourcePoolService } from './resource-pools.ts';
import { storagePolicyService } from './storage-policies.ts';
import { vappService } from './vapps.ts';
import { guestService, vmService } from './vms.ts';

/** What there is at a vCenter or an ESXi host, with its names and identifiers; and what can be done to machines. */
export const createInventoryServices = (vim: VimClient): InventoryServices => ({
  vm: vmService(vim),
  guestIdentity: guestService(vim),
  power: powerService(vim),
  vapp: vappService(vim),
  resourcePool: resourcePoolService(vim),
  folder: folderService(vim),
  host: hostService(vim),
  datastore: datastoreService(vim),
  network: networkService(vim),
  cluster: clusterService(vim),
  datacenter: datacenterService(vim),
  hardwareVersion: hardwareVersionService(vim),
  storagePolicy: storagePolicyService(vim),
});
