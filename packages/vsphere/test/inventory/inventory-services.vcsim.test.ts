import { inventoryPlaceCases } from '@ovfkit/conformance';
import type { InventoryServices } from '@ovfkit/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectVim, createInventoryServices, findByPath, type VimClient } from '../../src/index.ts';
import { startVcsim, type Vcsim } from '../support/vcsim.ts';

interface Started {
  readonly vcsim: Vcsim;
  readonly vim: VimClient;
  readonly inventory: InventoryServices;
}

async function start(args: readonly string[]): Promise<Started> {
  const vcsim = await startVcsim(args);
  const vim = await connectVim(vcsim);
  return { vcsim, vim, inventory: createInventoryServices(vim) };
}

async function stop({ vcsim, vim }: Started): Promise<void> {
  await vim.close();
  await vcsim.stop();
}

describe('a vCenter', () => {
  let started: Started;
  beforeAll(async () => {
    started = await start([]);
  });
  afterAll(() => stop(started));

  for (const { name, run } of inventoryPlaceCases) test(name, () => run(async () => started.inventory));

  test('every kind of place is told under its name', async () => {
    const { inventory } = started;
    const names = async (list: Promise<readonly { readonly name: string }[]>) => (await list).map(({ name }) => name);
    expect(await names(inventory.datacenter.list({}))).toEqual(['DC0']);
    expect(await names(inventory.cluster.list({}))).toEqual(['DC0_C0']);
    expect((await names(inventory.host.list({}))).toSorted()).toEqual([
      'DC0_C0_H0',
      'DC0_C0_H1',
      'DC0_C0_H2',
      'DC0_H0',
    ]);
    expect(await names(inventory.host.list({ standalone: true }))).toEqual(['DC0_H0']);
    expect(await names(inventory.resourcePool.list({}))).toEqual(['Resources', 'Resources', 'DC0_C0_RP1']);
    expect(await names(inventory.network.list({}))).toEqual(
      expect.arrayContaining(['DC0_DVPG0', 'DC0_NSX0', 'VM Network']),
    );
    expect(await names(inventory.datastore.list({}))).toEqual(['LocalDS_0']);
    expect(await names(inventory.folder.list({ type: 'VIRTUAL_MACHINE' }))).toEqual(['vm']);
    expect(await inventory.vapp.list({})).toMatchObject([
      { name: 'DC0_C0_APP0', vms: [expect.any(String), expect.any(String)] },
    ]);
    expect(await inventory.storagePolicy.list({})).toContainEqual(
      expect.objectContaining({ policy: 'aa6d5a82-1c88-45da-85d3-3d74b91a5bad', name: 'vSAN Default Storage Policy' }),
    );
  });

  test('identifiers lead from one place to the next', async () => {
    const { inventory } = started;
    const [datacenter] = await inventory.datacenter.list({});
    const { vmFolder } = await inventory.datacenter.get({ datacenter: datacenter?.datacenter ?? '' });
    expect(await inventory.vm.list({ folders: [vmFolder] })).toHaveLength(6);
    const [cluster] = await inventory.cluster.list({});
    const { resourcePool } = await inventory.cluster.get({ cluster: cluster?.cluster ?? '' });
    const { resourcePools } = await inventory.resourcePool.get({ resourcePool });
    expect(await inventory.resourcePool.list({ resourcePools })).toMatchObject([{ name: 'DC0_C0_RP1' }]);
    expect(await inventory.vm.list({ clusters: [cluster?.cluster ?? ''] })).toHaveLength(4);
    const [datastore] = await inventory.datastore.list({});
    expect(await inventory.datastore.get({ datastore: datastore?.datastore ?? '' })).toMatchObject({
      name: 'LocalDS_0',
      accessible: true,
    });
  });

  test('a machine is shown with its devices, and the network it is connected to', async () => {
    const { inventory } = started;
    const [machine] = await inventory.vm.list({ names: ['DC0_H0_VM0'] });
    const [network] = await inventory.network.list({ names: ['DC0_DVPG0'] });
    const info = await inventory.vm.get({ vm: machine?.vm ?? '' });
    expect(info).toMatchObject({
      name: 'DC0_H0_VM0',
      powerState: 'POWERED_ON',
      cpu: { count: 1 },
      identity: { biosUuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      memory: { sizeMib: 32 },
    });
    expect(info.disks).toHaveLength(1);
    expect(info.nics).toMatchObject([
      {
        value: {
          type: 'E1000',
          backing: { type: 'DISTRIBUTED_PORTGROUP', network: network?.network, networkName: 'DC0_DVPG0' },
        },
      },
    ]);
  });

  test('a machine is found by its path', async () => {
    const { inventory, vim } = started;
    const [machine] = await inventory.vm.list({ names: ['DC0_H0_VM1'] });
    expect((await findByPath(vim, '/DC0/vm/DC0_H0_VM1'))?.value).toBe(machine?.vm);
    expect(await findByPath(vim, '/DC0/vm/none')).toBeUndefined();
  });

  test('a vApp is deleted with its machines once they are off', async () => {
    const { inventory } = started;
    const [suite] = await inventory.vapp.list({});
    const deletion = () => inventory.vapp.delete({ vapp: suite?.vapp ?? '' });
    await expect(deletion()).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    for (const vm of suite?.vms ?? []) await inventory.power.stop({ vm });
    await deletion();
    expect(await inventory.vapp.list({})).toEqual([]);
  });
});

describe('an ESXi host', () => {
  let started: Started;
  beforeAll(async () => {
    started = await start(['-esx']);
  });
  afterAll(() => stop(started));

  for (const { name, run } of inventoryPlaceCases) test(name, () => run(async () => started.inventory));

  test('has one place of each kind, and no clusters, vApps or storage policies', async () => {
    const { inventory } = started;
    expect(await inventory.datacenter.list({})).toMatchObject([{ datacenter: 'ha-datacenter' }]);
    expect(await inventory.host.list({ standalone: true })).toMatchObject([{ host: 'ha-host' }]);
    expect(await inventory.resourcePool.list({})).toMatchObject([{ resourcePool: 'ha-root-pool' }]);
    expect(await inventory.folder.list({ type: 'VIRTUAL_MACHINE' })).toMatchObject([{ folder: 'ha-folder-vm' }]);
    expect(await inventory.network.list({})).toMatchObject([{ name: 'VM Network', type: 'STANDARD_PORTGROUP' }]);
    expect(await inventory.datastore.list({})).toHaveLength(1);
    expect(await inventory.cluster.list({})).toEqual([]);
    expect(await inventory.vapp.list({})).toEqual([]);
    expect(await inventory.storagePolicy.list({})).toEqual([]);
  });

  test('the power of its machines is switched, and one that is off is deleted', async () => {
    const { inventory } = started;
    const [{ vm } = { vm: '' }] = await inventory.vm.list({ powerStates: ['POWERED_ON'] });
    await expect(inventory.vm.delete({ vm })).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await inventory.power.reset({ vm });
    await inventory.power.suspend({ vm });
    expect((await inventory.power.get({ vm })).state).toBe('SUSPENDED');
    await inventory.power.stop({ vm });
    await inventory.vm.delete({ vm });
    expect(await inventory.vm.list({ vms: [vm] })).toEqual([]);
  });
});
