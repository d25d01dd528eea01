import assert from 'node:assert/strict';
import type { Entity, Inventory, Ref } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { inventoryJudgeCases } from './inventory-judge-cases.ts';
import { inventoryListCases } from './inventory-list-cases.ts';
import { inventoryPowerCases } from './inventory-power-cases.ts';
import { requestFor } from './inventory-request.ts';
import { placeIn } from './place.ts';
import { sampleEntity, sampleMachine, sampleVapp } from './sample-entity.ts';

const heldOf = async (inventory: Inventory, blobs: readonly string[]): Promise<readonly string[]> =>
  [...(await inventory.held(blobs))].toSorted();

const blobsOf = ({ vms }: Entity): readonly string[] =>
  vms.flatMap(({ disks, files }) => [...disks.flatMap(({ file }) => file ?? []), ...files].map(({ blob }) => blob));

const createCases: readonly Case<Inventory>[] = [
  {
    name: 'what was created is described again with every field, and its blobs are held',
    async run(make) {
      const inventory = await make();
      const entity = sampleEntity({ ...(await placeIn(inventory)), name: 'app', blobs: ['import/1/d', 'import/1/n'] });
      const ref = await inventory.create(requestFor(entity));
      assert.equal(ref.type, 'VirtualMachine');
      assert.deepEqual(await inventory.describe(ref), entity);
      assert.deepEqual(await heldOf(inventory, ['import/1/d', 'other', 'import/1/n']), ['import/1/d', 'import/1/n']);
      assert.deepEqual(await heldOf(inventory, ['import/1/d']), ['import/1/d']);
      assert.deepEqual(await heldOf(inventory, []), []);
    },
  },
  {
    name: 'asked again with the same key it gives the same entity and makes nothing twice',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      const first = await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), 'k'));
      assert.deepEqual(await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), 'k')), first);
      assert.equal((await inventory.vm.list({})).length, 1);
    },
  },
  {
    name: 'an entity that is staged is the one that was made',
    async run(make) {
      const inventory = await make();
      const entity = sampleEntity({ ...(await placeIn(inventory)), name: 'app' });
      const ref = await inventory.create(requestFor(entity));
      const staged = await inventory.stage({ ref, prefix: 'export/1/staged', flags: [] });
      if ('entity' in staged) assert.deepEqual(staged.entity, await inventory.describe(ref));
      else assert.ok(staged.descriptor.includes('app') && staged.files.every(({ sha256 }) => sha256 !== ''));
      await assert.rejects(inventory.stage({ ref: { ...ref, id: 'vm-none' }, prefix: 'export/1/staged', flags: [] }), {
        kind: 'NOT_FOUND',
      });
    },
  },
  {
    name: 'what a key has made is told as long as it is there, and goes when it is discarded; there may be nothing',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      const ref = await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), 'k'));
      const vapp = await inventory.create(requestFor(sampleVapp({ ...place, name: 'suite' }), 'v'));
      assert.deepEqual([await inventory.made('k'), await inventory.made('v')], [ref, vapp]);
      assert.equal(await inventory.made('other'), undefined);
      await inventory.vm.delete({ vm: ref.id });
      const other = await inventory.create(requestFor(sampleEntity({ ...place, name: 'other' }), 'o'));
      for (const key of ['k', 'v', 'v', 'none']) await inventory.discard(key);
      assert.deepEqual([await inventory.made('k'), await inventory.made('v')], [undefined, undefined]);
      assert.deepEqual([await inventory.made('o'), await inventory.vapp.list({})], [other, []]);
    },
  },
  {
    name: 'asked at once several times with one key it makes one entity',
    async run(make) {
      const inventory = await make();
      const request = requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' }), 'k');
      const refs = await Promise.all([1, 2, 3].map(async () => inventory.create(request)));
      assert.equal(new Set(refs.map(({ id }) => id)).size, 1);
      assert.equal((await inventory.vm.list({})).length, 1);
    },
  },
  {
    name: 'a name that is taken in the folder is refused and makes nothing',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), '1'));
      const again = requestFor(sampleEntity({ ...place, name: 'app', blobs: ['other/d', 'other/n'] }), '2');
      await assert.rejects(inventory.create(again), { kind: 'ALREADY_EXISTS' });
      assert.equal((await inventory.vm.list({})).length, 1);
      assert.deepEqual(await heldOf(inventory, ['other/d']), []);
    },
  },
  {
    name: 'a resource pool, folder, datastore or network that does not exist is refused and makes nothing',
    async run(make) {
      const inventory = await make();
      const { placement, network } = await placeIn(inventory);
      const places = [
        { placement: { ...placement, resourcePool: 'resgroup-none' }, network },
        { placement: { ...placement, folder: 'group-none' }, network },
        { placement: { ...placement, datastore: 'datastore-none' }, network },
        { placement, network: 'network-none' },
      ];
      for (const place of places) {
        const request = requestFor(sampleEntity({ ...place, name: 'app' }));
        await assert.rejects(inventory.create(request), { kind: 'NOT_FOUND' }, JSON.stringify(place));
      }
      assert.deepEqual(await inventory.vm.list({}), []);
    },
  },
  {
    name: 'a call whose signal is aborted rejects with the reason and makes nothing',
    async run(make) {
      const inventory = await make();
      const request = requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' }));
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      await assert.rejects(inventory.create(request, options), (error) => error === reason);
      assert.deepEqual(await inventory.vm.list({}), []);
    },
  },
  {
    name: 'what does not exist cannot be described',
    async run(make) {
      const inventory = await make();
      for (const ref of [
        { type: 'VirtualMachine', id: 'vm-none' },
        { type: 'VirtualApp', id: 'resgroup-none' },
      ]) {
        await assert.rejects(inventory.describe(ref), { kind: 'NOT_FOUND' }, ref.type);
      }
    },
  },
];

const deleteCases: readonly Case<Inventory>[] = [
  {
    name: 'a deleted virtual machine is gone, its blobs are free and so is its name',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      const entity = sampleEntity({ ...place, name: 'app' });
      const ref = await inventory.create(requestFor(entity, '1'));
      assert.ok((await heldOf(inventory, blobsOf(entity))).length > 0);
      await inventory.vm.delete({ vm: ref.id });
      await assert.rejects(inventory.vm.get({ vm: ref.id }), { kind: 'NOT_FOUND' });
      await assert.rejects(inventory.vm.delete({ vm: ref.id }), { kind: 'NOT_FOUND' });
      assert.deepEqual(await heldOf(inventory, blobsOf(entity)), []);
      const next: Ref = await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), '2'));
      assert.notEqual(next.id, ref.id);
    },
  },
  {
    name: 'a blob that two machines hold stays held until both are deleted',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      const one = await inventory.create(requestFor(sampleEntity({ ...place, name: 'one', blobs: ['shared', 'n1'] })));
      const two = await inventory.create(requestFor(sampleEntity({ ...place, name: 'two', blobs: ['shared', 'n2'] })));
      await inventory.vm.delete({ vm: one.id });
      assert.deepEqual(await heldOf(inventory, ['shared', 'n1', 'n2']), ['n2', 'shared']);
      await inventory.vm.delete({ vm: two.id });
      assert.deepEqual(await heldOf(inventory, ['shared', 'n1', 'n2']), []);
    },
  },
];

const vappCases: readonly Case<Inventory>[] = [
  {
    name: 'a vApp is listed with its machines, and each machine knows its vApp',
    async run(make) {
      const inventory = await make();
      const entity = sampleVapp({ ...(await placeIn(inventory)), name: 'suite' });
      const ref = await inventory.create(requestFor(entity));
      assert.equal(ref.type, 'VirtualApp');
      const [vapp] = await inventory.vapp.list({ names: ['suite'] });
      assert.equal(vapp?.vapp, ref.id);
      assert.deepEqual(
        (await inventory.vm.list({ vms: vapp?.vms ?? [] })).map(({ name }) => name),
        ['suite-web', 'suite-db'],
      );
      for (const vm of vapp?.vms ?? []) assert.equal((await inventory.vm.get({ vm })).ovf?.vapp, ref.id);
      assert.deepEqual(await inventory.describe(ref), entity);
    },
  },
  {
    name: 'a machine of a vApp is described alone, without what belongs to the vApp',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      await inventory.create(requestFor(sampleVapp({ ...place, name: 'suite' })));
      const [vm] = await inventory.vm.list({ names: ['suite-db'] });
      const entity = await inventory.describe({ type: 'VirtualMachine', id: vm?.vm ?? '' });
      assert.equal(entity.name, 'suite-db');
      assert.deepEqual([entity.products, entity.children], [[], undefined]);
      assert.deepEqual(entity.vms, [sampleMachine({ ...place, name: 'suite-db', systemId: 'db' })]);
    },
  },
  {
    name: 'a machine shows the properties of every vApp around it, and its own where they have one name',
    async run(make) {
      const inventory = await make();
      await inventory.create(requestFor(sampleVapp({ ...(await placeIn(inventory)), name: 'suite' })));
      const propertiesOf = async (name: string) => {
        const [found] = await inventory.vm.list({ names: [name] });
        return (await inventory.vm.get({ vm: found?.vm ?? '' })).ovf?.properties;
      };
      assert.deepEqual(await propertiesOf('suite-web'), [{ key: 'net.hostname', value: 'suite-web' }]);
      assert.deepEqual(await propertiesOf('suite-db'), [
        { key: 'net.hostname', value: 'suite-db' },
        { key: 'port', value: '5432' },
      ]);
    },
  },
  {
    name: 'a machine of a vApp can be deleted alone, the vApp with all its machines',
    async run(make) {
      const inventory = await make();
      const entity = sampleVapp({ ...(await placeIn(inventory)), name: 'suite' });
      const ref = await inventory.create(requestFor(entity));
      const [web] = await inventory.vm.list({ names: ['suite-web'] });
      await inventory.vm.delete({ vm: web?.vm ?? '' });
      assert.equal((await inventory.vapp.list({}))[0]?.vms.length, 1);
      await inventory.vapp.delete({ vapp: ref.id });
      assert.deepEqual(await inventory.vm.list({}), []);
      assert.deepEqual(await inventory.vapp.list({}), []);
      assert.deepEqual(await heldOf(inventory, blobsOf(entity)), []);
      await assert.rejects(inventory.vapp.delete({ vapp: ref.id }), { kind: 'NOT_FOUND' });
    },
  },
];

/** The laws of `Inventory`, on one without virtual machines. */
export const inventoryCases: readonly Case<Inventory>[] = [
  ...inventoryListCases,
  ...inventoryJudgeCases,
  ...createCases,
  ...deleteCases,
  ...vappCases,
  ...inventoryPowerCases,
];
