import assert from 'node:assert/strict';
import type { Inventory, InventoryServices } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { placeIn } from './place.ts';
import { sampleEntity } from './sample-entity.ts';

/** Makes machines of these names, in this order; gives their ids. */
async function createMachines(inventory: Inventory, ...names: readonly string[]): Promise<readonly string[]> {
  const place = await placeIn(inventory);
  const ids: string[] = [];
  for (const name of names) {
    const entity = sampleEntity({ ...place, name });
    const { id } = await inventory.create({ key: name, entity, descriptor: '<Envelope/>', parameters: [], files: [] });
    ids.push(id);
  }
  return ids;
}

/** Laws of places, and of machines that are not there: whatever an inventory holds, and whatever it can make. */
export const inventoryPlaceCases: readonly Case<InventoryServices>[] = [
  {
    name: 'there is a datacenter, resource pool, folder, host, datastore and network to import to',
    async run(make) {
      const inventory = await make();
      await placeIn(inventory);
      assert.ok((await inventory.datacenter.list({})).length > 0);
      assert.ok((await inventory.host.list({})).length > 0);
    },
  },
  {
    name: 'places are found by their name and by their id, and not by another',
    async run(make) {
      const inventory = await make();
      const [network] = await inventory.network.list({});
      const [pool] = await inventory.resourcePool.list({});
      assert.ok(network && pool);
      assert.deepEqual(await inventory.network.list({ names: [network.name] }), [network]);
      assert.deepEqual(await inventory.network.list({ networks: [network.network] }), [network]);
      assert.deepEqual(await inventory.network.list({ names: ['no such network'] }), []);
      assert.deepEqual(await inventory.resourcePool.list({ resourcePools: [pool.resourcePool] }), [pool]);
      assert.deepEqual(await inventory.resourcePool.list({ names: [pool.name], clusters: ['domain-none'] }), []);
    },
  },
  {
    name: 'a datastore says how much room it has',
    async run(make) {
      const [datastore] = await (await make()).datastore.list({});
      const { freeSpace = -1, capacity = 0 } = datastore ?? {};
      assert.ok(freeSpace >= 0 && freeSpace <= capacity, `${freeSpace} of ${capacity}`);
    },
  },
  {
    name: 'an unknown virtual machine cannot be shown',
    async run(make) {
      await assert.rejects((await make()).vm.get({ vm: 'vm-none' }), { kind: 'NOT_FOUND' });
    },
  },
];

const machineCases: readonly Case<Inventory>[] = [
  {
    name: 'virtual machines are listed in the order they were made, with name, processors and memory',
    async run(make) {
      const inventory = await make();
      const [b = '', a = ''] = await createMachines(inventory, 'b', 'a');
      const common = { powerState: 'POWERED_OFF', cpuCount: 2, memorySizeMib: 512 };
      assert.deepEqual(await inventory.vm.list({}), [
        { vm: b, name: 'b', ...common },
        { vm: a, name: 'a', ...common },
      ]);
    },
  },
  {
    name: 'each field of a filter restricts the list, an empty or absent one does not',
    async run(make) {
      const inventory = await make();
      const [a = '', b = ''] = await createMachines(inventory, 'a', 'b');
      const { placement } = await placeIn(inventory);
      const [datacenter] = await inventory.datacenter.list({});
      const names = async (filter: Parameters<Inventory['vm']['list']>[0]) =>
        (await inventory.vm.list(filter)).map(({ name }) => name);
      assert.deepEqual(await names({ vms: [b] }), ['b']);
      assert.deepEqual(await names({ vms: [a, b], names: ['a'] }), ['a']);
      assert.deepEqual(await names({ names: ['A'] }), []);
      const all = ['a', 'b'];
      assert.deepEqual(await names({ vms: [], names: [], folders: [], resourcePools: [] }), all);
      assert.deepEqual(await names({ folders: [placement.folder], resourcePools: [placement.resourcePool] }), all);
      assert.deepEqual(await names({ datacenters: [datacenter?.datacenter ?? ''], powerStates: ['POWERED_OFF'] }), all);
      assert.deepEqual(await names({ folders: ['group-none'] }), []);
      assert.deepEqual(await names({ resourcePools: ['resgroup-none'] }), []);
      assert.deepEqual(await names({ datacenters: ['datacenter-none'] }), []);
      assert.deepEqual(await names({ hosts: ['host-none'] }), []);
      assert.deepEqual(await names({ clusters: ['domain-none'] }), []);
      assert.deepEqual(await names({ powerStates: ['POWERED_ON'] }), []);
    },
  },
  {
    name: 'a virtual machine shows its hardware, placement and properties, but no password',
    async run(make) {
      const inventory = await make();
      const [vm = ''] = await createMachines(inventory, 'app');
      const { placement, network } = await placeIn(inventory);
      const info = await inventory.vm.get({ vm });
      assert.equal(info.name, 'app');
      assert.equal(info.guestOs, 'UBUNTU_64');
      assert.equal(info.hardware.version, 'VMX_19');
      assert.deepEqual([info.cpu.count, info.memory.sizeMib], [2, 512]);
      assert.deepEqual(
        info.disks.map(({ value }) => value.capacity),
        [10 * 1024 ** 3, 1024 ** 2],
      );
      assert.deepEqual(
        info.nics.map(({ value }) => value.backing.network),
        [network],
      );
      assert.deepEqual([info.boot?.type, info.cpu.hotAddEnabled, info.memory.hotAddEnabled], ['EFI', true, false]);
      const [adapter] = info.scsiAdapters ?? [];
      assert.deepEqual([adapter?.value.type, adapter?.value.scsi], ['PVSCSI', { bus: 0, unit: 7 }]);
      assert.deepEqual([info.disks[0]?.value.type, info.disks[0]?.value.scsi], ['SCSI', { bus: 0, unit: 0 }]);
      const [drive] = info.cdroms ?? [];
      assert.deepEqual([drive?.value.type, drive?.value.ide], ['IDE', { primary: false, master: true }]);
      assert.equal(drive?.value.backing.type, 'CLIENT_DEVICE');
      assert.deepEqual([info.floppies, info.sataAdapters, info.nvmeAdapters], [[], [], []]);
      assert.equal(info.ovf?.annotation, 'Ein "Beispiel" ☃');
      assert.equal(info.ovf?.deploymentOption, 'small');
      assert.equal(info.ovf?.product, 'Sample');
      assert.equal(info.ovf?.datastore, placement.datastore);
      assert.deepEqual(info.ovf?.properties, [{ key: 'net.hostname', value: 'app' }]);
    },
  },
];

/** The laws of an inventory's lists and of `vm.get`. */
export const inventoryListCases: readonly Case<Inventory>[] = [...inventoryPlaceCases, ...machineCases];
