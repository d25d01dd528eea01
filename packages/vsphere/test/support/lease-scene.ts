import type { Inventory, Placement } from '@ovfkit/domain';
import { onTestFinished } from 'vitest';
import { connectVim } from '../../src/vim/connect.ts';
import type { VimClient } from '../../src/vim/vim-client.ts';
import { createVsphereInventory, type VsphereInventoryOptions } from '../../src/vsphere-inventory.ts';
import { exportMethods, offerOptions } from './vim-server/export-methods.ts';
import { importMethods, type SpecRemarks } from './vim-server/import-methods.ts';
import { pullMethods } from './vim-server/lease-pull.ts';
import { createNfcLeases, type NfcLeases } from './vim-server/nfc-leases.ts';
import { entityNames, startSampleVcenter } from './vim-server/sample-vcenter.ts';
import type { VimServer } from './vim-server/vim-server.ts';

/** A vCenter of ours that has leases, and an inventory on it. */
export interface LeaseScene {
  readonly server: VimServer;
  readonly leases: NfcLeases;
  readonly remarks: SpecRemarks;
  readonly vim: VimClient;
  readonly notices: readonly string[];
  /** The names of what there is. */
  readonly names: () => readonly string[];
  inventoryWith(
    blobs: Partial<VsphereInventoryOptions['blobs']>,
    options?: Partial<VsphereInventoryOptions>,
  ): Inventory;
}

/** Where the sample vCenter has room. */
export const samplePlacement: Placement = {
  resourcePool: 'resgroup-11',
  folder: 'group-v3',
  datastore: 'datastore-30',
};

const refuse = (): never => {
  throw new Error('no bytes of this kind are moved here');
};

/** Everything of it ends with the test. */
export async function openLeaseScene(transport: VimClient['transport']): Promise<LeaseScene> {
  const leases = createNfcLeases();
  const remarks: SpecRemarks = { asked: [], errors: [], warnings: [], files: [] };
  const server = await startSampleVcenter({
    methods: { ...importMethods(leases, remarks), ...exportMethods(leases), ...pullMethods(leases) },
  });
  offerOptions(server.model);
  leases.listen(server);
  onTestFinished(() => server.close());
  onTestFinished(() => leases.expire());
  const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
  onTestFinished(() => vim.close());
  const notices: string[] = [];
  return {
    server,
    leases,
    remarks,
    vim,
    notices,
    names: () => entityNames(server.model),
    inventoryWith(blobs, options = {}) {
      const refused = { read: refuse, append: refuse, delete: refuse, keys: refuse };
      const all = { ...refused, seal: refuse, sealed: refuse, size: refuse, ...blobs };
      return createVsphereInventory({ vim, blobs: all, onNotice: ({ text }) => notices.push(text), ...options });
    },
  };
}
