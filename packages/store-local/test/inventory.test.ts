import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeIn, sampleEntity, sampleVapp } from '@ovfkit/conformance';
import type { Entity, Inventory } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { openLocalStore } from '../src/index.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

const create = (inventory: Inventory, entity: Entity) =>
  inventory.create({ key: entity.name, entity, descriptor: '', parameters: [], files: [] });

test('machines and vApps are numbered on from 101, and no number comes back', async () => {
  const { inventory } = await openStore();
  const place = await placeIn(inventory);
  const first = await create(inventory, sampleEntity({ ...place, name: 'a' }));
  expect(first.id).toBe('vm-101');
  await inventory.vm.delete({ vm: first.id });
  expect((await create(inventory, sampleVapp({ ...place, name: 'suite' }))).id).toBe('resgroup-v102');
  expect((await inventory.vm.list({})).map(({ vm }) => vm)).toEqual(['vm-103', 'vm-104']);
  expect((await create(inventory, sampleEntity({ ...place, name: 'b' }))).id).toBe('vm-105');
});

test('the places have the identifiers that documentation and scripts rely on', async () => {
  const { inventory } = await openStore();
  expect(await inventory.datacenter.list({})).toEqual([{ datacenter: 'datacenter-2', name: 'Datacenter' }]);
  expect(await inventory.folder.list({ type: 'VIRTUAL_MACHINE' })).toMatchObject([{ folder: 'group-v3', name: 'vm' }]);
  expect(await inventory.host.list({})).toMatchObject([{ host: 'host-9', name: 'localhost' }]);
  expect(await inventory.resourcePool.list({})).toEqual([{ resourcePool: 'resgroup-8', name: 'Resources' }]);
  expect(await inventory.datastore.list({})).toMatchObject([{ datastore: 'datastore-12', name: 'datastore1' }]);
  expect(await inventory.network.list({})).toMatchObject([{ network: 'network-7', name: 'VM Network' }]);
  expect(await inventory.cluster.list({})).toEqual([]);
});

test.each([
  ['ubuntu64Guest', 'UBUNTU_64'],
  ['rhel7_64Guest', 'RHEL_7_64'],
  ['other3xLinux64Guest', 'OTHER_3X_LINUX_64'],
  ['vmwarePhoton64Guest', 'VMWARE_PHOTON_64'],
  ['windows7Server64Guest', 'WINDOWS_7_SERVER_64'],
  ['windows2019srv_64Guest', 'WINDOWS_SERVER_2019'],
  ['otherGuest', 'OTHER'],
])('the guest %s is shown as %s', async (osType, guestOs) => {
  const { inventory } = await openStore();
  const entity = sampleEntity({ ...(await placeIn(inventory)), name: 'a' });
  const vms = entity.vms.map((vm) => ({ ...vm, operatingSystem: { osType } }));
  const { id } = await create(inventory, { ...entity, vms });
  expect((await inventory.vm.get({ vm: id })).guestOs).toBe(guestOs);
});

test('a property of the vApp shows on each machine that has none of that name', async () => {
  const { inventory } = await openStore();
  const entity = sampleVapp({ ...(await placeIn(inventory)), name: 'suite' });
  const property = { type: 'string', userConfigurable: true, password: false };
  const properties = [
    { ...property, id: 'domain', value: 'example.org' },
    { ...property, classId: 'net', id: 'hostname', value: 'hidden' },
  ];
  await create(inventory, { ...entity, products: [{ properties }] });
  const [web] = await inventory.vm.list({ names: ['suite-web'] });
  expect((await inventory.vm.get({ vm: web?.vm ?? '' })).ovf?.properties).toEqual([
    { key: 'net.hostname', value: 'suite-web' },
    { key: 'domain', value: 'example.org' },
  ]);
});

test('a stored machine that cannot be read is refused by name, can be deleted, and holds up no other', async () => {
  const folder = await tempFolder();
  const first = await openLocalStore(folder);
  const place = await placeIn(first.inventory);
  for (const name of ['a', 'b']) await create(first.inventory, sampleEntity({ ...place, name }));
  await first.close();
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.exec("UPDATE vm SET document = '{}' WHERE id = 'vm-101'");
  database.close();

  const told: string[] = [];
  const { inventory } = await openStore(folder, { onDamage: (error) => told.push(error.message) });
  expect((await inventory.vm.list({})).map(({ vm }) => vm)).toEqual(['vm-102']);
  expect(told).toEqual([expect.stringContaining('vm-101')]);
  const refusal = { kind: 'INTERNAL_SERVER_ERROR', message: expect.stringContaining('vm-101') };
  await expect(inventory.vm.get({ vm: 'vm-101' })).rejects.toMatchObject(refusal);
  await expect(inventory.describe({ type: 'VirtualMachine', id: 'vm-101' })).rejects.toMatchObject(refusal);
  await inventory.vm.delete({ vm: 'vm-101' });
  await expect(inventory.vm.get({ vm: 'vm-101' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
});
