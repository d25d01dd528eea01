import assert from 'node:assert/strict';
import type { Inventory } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { requestFor } from './inventory-request.ts';
import { placeIn } from './place.ts';
import { sampleEntity } from './sample-entity.ts';

const nothing = { errors: [], warnings: [] };

/** What an inventory says before it makes anything. */
export const inventoryJudgeCases: readonly Case<Inventory>[] = [
  {
    name: 'what is judged is not made, and what is found good can be made',
    async run(make) {
      const inventory = await make();
      const request = requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' }));
      assert.deepEqual(await inventory.judge(request), nothing);
      assert.equal(await inventory.made(request.key), undefined);
      assert.deepEqual(await inventory.vm.list({}), []);
      assert.equal((await inventory.create(request)).type, 'VirtualMachine');
    },
  },
  {
    name: 'what would be refused is judged so, with a reason, and no error is thrown',
    async run(make) {
      const inventory = await make();
      const place = await placeIn(inventory);
      await inventory.create(requestFor(sampleEntity({ ...place, name: 'app' }), '1'));
      const wanted = [
        { ...place, name: 'app' },
        { ...place, network: 'network-none', name: 'other' },
        { ...place, placement: { ...place.placement, datastore: 'datastore-none' }, name: 'other' },
      ];
      for (const each of wanted) {
        const { errors } = await inventory.judge(requestFor(sampleEntity(each), '2'));
        assert.deepEqual([errors.length, errors[0]?.text === ''], [1, false], JSON.stringify(each));
      }
    },
  },
  {
    name: 'a judgement whose signal is aborted rejects with the reason',
    async run(make) {
      const inventory = await make();
      const request = requestFor(sampleEntity({ ...(await placeIn(inventory)), name: 'app' }));
      const reason = new Error('enough');
      const options = { signal: AbortSignal.abort(reason) };
      await assert.rejects(inventory.judge(request, options), (error) => error === reason);
    },
  },
];
