import assert from 'node:assert/strict';
import type { Inventory } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { requestFor } from './inventory-request.ts';
import { placeIn } from './place.ts';
import { sampleEntity, sampleVapp } from './sample-entity.ts';

/** What machines and vApps are while they run, and as templates. */
export const inventoryPowerCases: readonly Case<Inventory>[] = [
  {
    name: 'a machine that is off becomes a template, which is shown as one, cannot be started and can be deleted',
    async run(make) {
      const inventory = await make();
      const { id: vm } = await inventory.create(
        requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' })),
      );
      await inventory.power.start({ vm });
      await assert.rejects(inventory.vm.markAsTemplate({ vm }), { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
      await inventory.power.stop({ vm });
      await inventory.vm.markAsTemplate({ vm });
      assert.equal((await inventory.vm.get({ vm })).ovf?.template, true);
      await assert.rejects(inventory.vm.markAsTemplate({ vm }), { kind: 'ALREADY_IN_DESIRED_STATE' });
      await assert.rejects(inventory.power.start({ vm }), { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
      await assert.rejects(inventory.vm.markAsTemplate({ vm: 'vm-none' }), { kind: 'NOT_FOUND' });
      await inventory.vm.delete({ vm });
    },
  },
  {
    name: 'the guest of a machine that is off tells nothing',
    async run(make) {
      const inventory = await make();
      const { id: vm } = await inventory.create(
        requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' })),
      );
      await assert.rejects(inventory.guestIdentity.get({ vm }), { kind: 'SERVICE_UNAVAILABLE' });
      await assert.rejects(inventory.guestIdentity.get({ vm: 'vm-none' }), { kind: 'NOT_FOUND' });
    },
  },
  {
    name: 'the hardware a pool takes is told by its versions, each once',
    async run(make) {
      const inventory = await make();
      const { placement } = await placeIn(inventory);
      const all = await inventory.hardwareVersion.list({ resourcePools: [placement.resourcePool] });
      assert.equal(new Set(all.map(({ version }) => version)).size, all.length);
      assert.deepEqual(
        all.filter(({ version }) => !/^vmx-\d\d$/.test(version)),
        [],
      );
    },
  },
  {
    name: 'a pool has within reach what machines are made with in it, and only what is listed is out of reach',
    async run(make) {
      const inventory = await make();
      const { placement } = await placeIn(inventory);
      const { datastores, networks } = await inventory.outOfReach({ resourcePool: placement.resourcePool });
      assert.equal(datastores.has(placement.datastore), false);
      const known = await inventory.network.list({});
      assert.ok(known.some(({ network }) => !networks.has(network)));
      const listed = new Set((await inventory.datastore.list({})).map(({ datastore }) => datastore));
      assert.deepEqual(
        [...datastores].filter(([id, reasons]) => !listed.has(id) || reasons.length === 0),
        [],
      );
    },
  },
  {
    name: 'the power of a machine is recorded, a vApp is started as one, and nothing of it is deleted while one of its machines runs',
    async run(make) {
      const inventory = await make();
      const vapp = await inventory.create(requestFor(sampleVapp({ ...(await placeIn(inventory)), name: 'suite' })));
      const [web, db] = await inventory.vm.list({});
      assert.ok(web && db);
      await inventory.power.start({ vm: db.vm });
      assert.equal((await inventory.power.get({ vm: db.vm })).state, 'POWERED_ON');
      assert.equal((await inventory.vm.get({ vm: db.vm })).powerState, 'POWERED_ON');
      assert.deepEqual(
        (await inventory.vm.list({ powerStates: ['POWERED_ON'] })).map(({ vm }) => vm),
        [db.vm],
      );
      for (const deletion of [inventory.vapp.delete({ vapp: vapp.id }), inventory.vm.delete({ vm: db.vm })])
        await assert.rejects(deletion, { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
      assert.equal((await inventory.vm.list({})).length, 2);
      await assert.rejects(inventory.power.start({ vm: db.vm }), { kind: 'ALREADY_IN_DESIRED_STATE' });
      await assert.rejects(inventory.power.reset({ vm: web.vm }), { kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
      await assert.rejects(inventory.power.stop({ vm: 'vm-none' }), { kind: 'NOT_FOUND' });
      await inventory.vapp.start({ vapp: vapp.id });
      assert.equal((await inventory.vm.list({ powerStates: ['POWERED_ON'] })).length, 2);
      await assert.rejects(inventory.vapp.start({ vapp: vapp.id }), { kind: 'ALREADY_IN_DESIRED_STATE' });
      await assert.rejects(inventory.vapp.start({ vapp: 'resgroup-none' }), { kind: 'NOT_FOUND' });
      for (const { vm } of [web, db]) await inventory.power.stop({ vm });
      await inventory.vapp.delete({ vapp: vapp.id });
      assert.deepEqual(await inventory.vm.list({}), []);
    },
  },
];
