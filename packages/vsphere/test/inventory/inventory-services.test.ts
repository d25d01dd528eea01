import { inventoryPlaceCases } from '@ovfkit/conformance';
import type { InventoryServices } from '@ovfkit/domain';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectVim, createInventoryServices, findByPath, managedObject } from '../../src/index.ts';
import { change, sampleOf } from '../support/vim-server/model.ts';
import { addMachine, entityNames, startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function start() {
    const server = await startSampleVcenter();
    onTestFinished(() => server.close());
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    onTestFinished(() => vim.close());
    return { inventory: createInventoryServices(vim), model: server.model, vim };
  }

  for (const { name, run } of inventoryPlaceCases) test(name, () => run(async () => (await start()).inventory));

  test('folders are told with their types, and the root is one; names are as people know them', async () => {
    const { inventory } = await start();
    expect(await inventory.folder.list({})).toEqual([
      { folder: 'group-d1', name: 'Datacenters', type: 'DATACENTER' },
      { folder: 'group-h4', name: 'host', type: 'HOST' },
      { folder: 'group-n6', name: 'network', type: 'NETWORK' },
      { folder: 'group-s5', name: 'datastore', type: 'DATASTORE' },
      { folder: 'group-v3', name: 'vm', type: 'VIRTUAL_MACHINE' },
      { folder: 'group-v7', name: 'R&D/web', type: 'VIRTUAL_MACHINE' },
    ]);
    expect(await inventory.folder.list({ names: ['R&D/web'] })).toMatchObject([{ folder: 'group-v7' }]);
    expect(await inventory.folder.list({ parentFolders: ['group-v3'] })).toMatchObject([{ folder: 'group-v7' }]);
    expect(await inventory.folder.list({ type: 'HOST', datacenters: ['datacenter-2'] })).toHaveLength(1);
    expect(await inventory.folder.list({ type: 'DATACENTER', datacenters: ['datacenter-2'] })).toEqual([]);
  });

  test('datacenters are told with their folders', async () => {
    const { inventory } = await start();
    expect(await inventory.datacenter.list({ folders: ['group-d1'] })).toEqual([
      { datacenter: 'datacenter-2', name: 'DC 1' },
    ]);
    expect(await inventory.datacenter.get({ datacenter: 'datacenter-2' })).toEqual({
      name: 'DC 1',
      vmFolder: 'group-v3',
      hostFolder: 'group-h4',
      datastoreFolder: 'group-s5',
      networkFolder: 'group-n6',
    });
    await expect(inventory.datacenter.get({ datacenter: 'datacenter-9' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('hosts are told apart by cluster, folder and state', async () => {
    const { inventory, model } = await start();
    change(sampleOf(model, 'host-14'), 'runtime', { connectionState: 'notResponding' });
    const ids = async (filter: Parameters<InventoryServices['host']['list']>[0]) =>
      (await inventory.host.list(filter)).map(({ host }) => host);
    expect(await inventory.host.list({ hosts: ['host-14'] })).toEqual([
      { host: 'host-14', name: 'esx2.example.com', connectionState: 'NOT_RESPONDING', powerState: 'POWERED_ON' },
    ]);
    expect(await ids({})).toEqual(['host-13', 'host-14', 'host-22']);
    expect(await ids({ standalone: true })).toEqual(['host-22']);
    expect(await ids({ standalone: false, connectionStates: ['CONNECTED'] })).toEqual(['host-13']);
    expect(await ids({ clusters: ['domain-c10'] })).toEqual(['host-13', 'host-14']);
    expect(await ids({ folders: ['group-h4'] })).toEqual(['host-22']);
    expect(await ids({ folders: ['group-v3'] })).toEqual([]);
  });

  test('clusters are told with what they do and their pool', async () => {
    const { inventory } = await start();
    expect(await inventory.cluster.list({ datacenters: ['datacenter-2'] })).toEqual([
      { cluster: 'domain-c10', name: 'cluster 1', haEnabled: true, drsEnabled: false },
    ]);
    expect(await inventory.cluster.get({ cluster: 'domain-c10' })).toEqual({
      name: 'cluster 1',
      resourcePool: 'resgroup-11',
    });
  });

  test('resource pools are told by owner and parent; vApps are none', async () => {
    const { inventory } = await start();
    const ids = async (filter: Parameters<InventoryServices['resourcePool']['list']>[0]) =>
      (await inventory.resourcePool.list(filter)).map(({ resourcePool }) => resourcePool);
    expect(await ids({})).toEqual(['resgroup-11', 'resgroup-12', 'resgroup-21']);
    expect(await ids({ clusters: ['domain-c10'] })).toEqual(['resgroup-11', 'resgroup-12']);
    expect(await ids({ hosts: ['host-22'] })).toEqual(['resgroup-21']);
    expect(await ids({ parentResourcePools: ['resgroup-11'] })).toEqual(['resgroup-12']);
    expect(await inventory.resourcePool.get({ resourcePool: 'resgroup-11' })).toEqual({
      name: 'Resources',
      resourcePools: ['resgroup-12'],
    });
  });

  test('datastores are told with their room, to the byte', async () => {
    const { inventory } = await start();
    expect(await inventory.datastore.list({ types: ['VMFS'] })).toEqual([
      { datastore: 'datastore-30', name: 'ssd', type: 'VMFS', freeSpace: 2 ** 41 + 1, capacity: 2 ** 42 },
    ]);
    expect(await inventory.datastore.get({ datastore: 'datastore-31' })).toEqual({
      name: 'archive',
      type: 'NFS',
      accessible: true,
      freeSpace: 2 ** 41 + 1,
      multipleHostAccess: true,
      thinProvisioningSupported: false,
    });
  });

  test('networks of every kind are told, but not the port groups of uplinks', async () => {
    const { inventory } = await start();
    expect(await inventory.network.list({})).toEqual([
      { network: 'dvportgroup-33', name: 'prod', type: 'DISTRIBUTED_PORTGROUP' },
      { network: 'network-32', name: 'VM Network', type: 'STANDARD_PORTGROUP' },
      { network: 'network-o35', name: 'segment', type: 'OPAQUE_NETWORK' },
    ]);
    expect(await inventory.network.list({ types: ['OPAQUE_NETWORK'] })).toHaveLength(1);
    expect(await inventory.network.list({ names: ['prod'], datacenters: ['datacenter-none'] })).toEqual([]);
  });

  test('machines are told wherever they lie, and each field of a filter restricts the list', async () => {
    const { inventory } = await start();
    expect(await inventory.vm.list({ names: ['web'] })).toEqual([
      { vm: 'vm-36', name: 'web', powerState: 'POWERED_OFF', cpuCount: 2, memorySizeMib: 512 },
    ]);
    const ids = async (filter: Parameters<InventoryServices['vm']['list']>[0]) =>
      (await inventory.vm.list(filter)).map(({ vm }) => vm);
    expect(await ids({})).toEqual(['vm-36', 'vm-37', 'vm-41']);
    expect(await ids({ vms: ['vm-37', 'vm-none'] })).toEqual(['vm-37']);
    expect(await ids({ folders: ['group-v3'] })).toEqual(['vm-36', 'vm-37']);
    expect(await ids({ resourcePools: ['resgroup-v40'] })).toEqual(['vm-41']);
    expect(await ids({ powerStates: ['POWERED_ON'] })).toEqual(['vm-37']);
    expect(await ids({ hosts: ['host-14'] })).toEqual([]);
    expect(await ids({ clusters: ['domain-c10'], datacenters: ['datacenter-2'] })).toEqual(['vm-36', 'vm-37', 'vm-41']);
    expect(await ids({ clusters: ['domain-none'] })).toEqual([]);
  });

  test('a machine is shown with its hardware, its devices and its place', async () => {
    const { inventory } = await start();
    const info = await inventory.vm.get({ vm: 'vm-36' });
    expect(info).toMatchObject({
      name: 'web',
      guestOs: 'UBUNTU_64',
      powerState: 'POWERED_OFF',
      hardware: { version: 'VMX_19' },
      boot: { type: 'EFI', delay: 0 },
      cpu: { count: 2, coresPerSocket: 2, hotAddEnabled: true },
      identity: { instanceUuid: '50000000-0000-4000-8000-000000000001' },
      memory: { sizeMib: 512, hotAddEnabled: false },
      scsiAdapters: [{ key: '1000', value: { type: 'PVSCSI', scsi: { bus: 0, unit: 7 }, sharing: 'NONE' } }],
      sataAdapters: [],
      nvmeAdapters: [],
      floppies: [],
    });
    expect(info.disks).toEqual([
      {
        key: '2000',
        value: {
          label: 'Hard disk 1',
          type: 'SCSI',
          scsi: { bus: 0, unit: 0 },
          backing: { type: 'VMDK_FILE', vmdkFile: '[ssd] web/disk.vmdk' },
          capacity: 10 * 1024 ** 3,
        },
      },
    ]);
    expect(info.nics).toEqual([
      {
        key: '4000',
        value: {
          label: 'Network adapter 1',
          type: 'VMXNET3',
          macType: 'ASSIGNED',
          macAddress: '00:50:56:00:00:01',
          backing: { type: 'STANDARD_PORTGROUP', network: 'network-32', networkName: 'VM Network' },
          state: 'NOT_CONNECTED',
          startConnected: true,
          allowGuestControl: true,
        },
      },
    ]);
    expect(info.cdroms).toMatchObject([
      {
        value: { ide: { primary: false, master: true }, backing: { type: 'ISO_FILE', isoFile: '[ssd] web/seed.iso' } },
      },
    ]);
    expect(info.ovf).toEqual({
      annotation: 'a sample',
      product: 'Sample',
      folder: 'group-v3',
      resourcePool: 'resgroup-11',
      host: 'host-13',
      datastore: 'datastore-30',
      properties: [
        { key: 'net.hostname', value: 'web' },
        { key: 'port', value: '80' },
      ],
      disks: [{ label: 'Hard disk 1', datastore: 'datastore-30', provisioning: 'thin' }],
      extraConfig: [{ key: 'guestinfo.a', value: 'b' }],
      ipAllocationPolicy: 'STATIC_MANUAL',
      ipProtocol: 'IPV4',
    });
    await expect(inventory.vm.get({ vm: 'vm-none' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('a machine of a vApp lies in the folder of the vApp', async () => {
    const { inventory } = await start();
    expect((await inventory.vm.get({ vm: 'vm-41' })).ovf).toMatchObject({ folder: 'group-v3', vapp: 'resgroup-v40' });
  });

  test('power is switched, and what it forbids is refused by its kind', async () => {
    const { inventory } = await start();
    const vm = 'vm-36';
    await inventory.power.start({ vm });
    expect(await inventory.power.get({ vm })).toEqual({ state: 'POWERED_ON' });
    await expect(inventory.power.start({ vm })).rejects.toMatchObject({ kind: 'ALREADY_IN_DESIRED_STATE' });
    await expect(inventory.vm.delete({ vm })).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await expect(inventory.vm.markAsTemplate({ vm })).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await inventory.power.reset({ vm });
    await inventory.power.suspend({ vm });
    expect(await inventory.power.get({ vm })).toEqual({ state: 'SUSPENDED' });
    await inventory.power.stop({ vm });
    expect(await inventory.power.get({ vm })).toEqual({ state: 'POWERED_OFF', cleanPowerOff: true });
    await expect(inventory.power.suspend({ vm })).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await expect(inventory.power.stop({ vm: 'vm-none' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('a template is shown as one, cannot be started, is not made twice, and can be deleted', async () => {
    const { inventory, model } = await start();
    const vm = 'vm-36';
    await inventory.vm.markAsTemplate({ vm });
    expect((await inventory.vm.get({ vm })).ovf?.template).toBe(true);
    await expect(inventory.power.start({ vm })).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await expect(inventory.vm.markAsTemplate({ vm })).rejects.toMatchObject({ kind: 'ALREADY_IN_DESIRED_STATE' });
    await inventory.vm.delete({ vm });
    expect(entityNames(model)).toEqual(['db', 'suite-web', 'suite']);
  });

  test('a vApp is told with all its machines, and not deleted while one of them runs', async () => {
    const { inventory, model } = await start();
    expect(await inventory.vapp.list({ resourcePools: ['resgroup-11'], folders: ['group-v3'] })).toEqual([
      { vapp: 'resgroup-v40', name: 'suite', vms: ['vm-41'] },
    ]);
    const suite = managedObject('VirtualApp', 'resgroup-v40');
    const inner = addMachine(model, { value: 'vm-51', name: 'inner-db', parentVApp: suite, resourcePool: suite });
    model.add('VirtualApp', 'resgroup-v50', { name: 'inner', parent: suite, vm: [inner.ref] });
    expect((await inventory.vapp.list({})).map(({ name, vms }) => [name, vms])).toEqual([
      ['suite', ['vm-41', 'vm-51']],
      ['inner', ['vm-51']],
    ]);
    await inventory.vapp.delete({ vapp: 'resgroup-v50' });
    expect(await inventory.vapp.list({ names: ['other'] })).toEqual([]);
    await inventory.power.start({ vm: 'vm-41' });
    const deletion = inventory.vapp.delete({ vapp: 'resgroup-v40' });
    await expect(deletion).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await inventory.power.stop({ vm: 'vm-41' });
    await inventory.vapp.delete({ vapp: 'resgroup-v40' });
    expect(entityNames(model)).toEqual(['web', 'db']);
    await expect(inventory.vapp.delete({ vapp: 'resgroup-v40' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('the guest tells who it is while its tools run', async () => {
    const { inventory, model } = await start();
    const vm = 'vm-37';
    await expect(inventory.guestIdentity.get({ vm })).rejects.toMatchObject({ kind: 'SERVICE_UNAVAILABLE' });
    change(sampleOf(model, vm), 'guest', {
      toolsRunningStatus: 'guestToolsRunning',
      guestId: 'ubuntu64Guest',
      guestFamily: 'linuxGuest',
      hostName: 'db',
    });
    const identity = { name: 'UBUNTU_64', family: 'LINUX', hostName: 'db' };
    expect(await inventory.guestIdentity.get({ vm })).toEqual(identity);
    change(sampleOf(model, vm), 'guest', { ipAddress: '10.0.0.7' });
    expect(await inventory.guestIdentity.get({ vm })).toEqual({ ...identity, ipAddress: '10.0.0.7' });
    await expect(inventory.guestIdentity.get({ vm: 'vm-none' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('families of hardware are told oldest first, those that machines can be made with', async () => {
    const { inventory } = await start();
    const versions = [{ version: 'vmx-13' }, { version: 'vmx-15' }, { version: 'vmx-21' }];
    expect(await inventory.hardwareVersion.list({})).toEqual(versions);
    expect(await inventory.hardwareVersion.list({ resourcePools: ['resgroup-12'], hosts: ['host-13'] })).toEqual(
      versions,
    );
    expect(await inventory.hardwareVersion.list({ resourcePools: ['resgroup-none'] })).toEqual([]);
    expect(await inventory.hardwareVersion.list({ resourcePools: ['resgroup-12'], hosts: ['host-22'] })).toEqual([]);
  });

  test('storage policies are read from the service beside vim25, with the same session or one of its own', async () => {
    const { inventory } = await start();
    const gold = { policy: 'aa6d5a82-1c88-45da-85d3-3d74b91a5bad', name: 'gold', description: 'fast' };
    expect(await inventory.storagePolicy.list({})).toEqual([gold, { policy: 'p2', name: 'bronze', description: '' }]);
    expect(await inventory.storagePolicy.list({ policies: [gold.policy] })).toEqual([gold]);
  });

  test('an object is found by its path, escapes or none', async () => {
    const { vim } = await start();
    expect(await findByPath(vim, '/DC 1/vm/web')).toEqual(managedObject('VirtualMachine', 'vm-36'));
    expect(await findByPath(vim, 'DC 1/vm/R&D%2Fweb')).toEqual(managedObject('Folder', 'group-v7'));
    expect(await findByPath(vim, '/DC 1/vm/none')).toBeUndefined();
  });
});
