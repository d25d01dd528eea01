import assert from 'node:assert/strict';
import type { Lease, SessionStore } from '@ovfkit/domain';
import type { Case } from './case.ts';

const lease = (given: Partial<Lease>): Lease => ({
  key: 'import/1',
  holder: 'one',
  now: 1_000,
  lengthMs: 100,
  ...given,
});

/** The laws of `LeaseTable`. */
export const leaseCases: readonly Case<SessionStore>[] = [
  {
    name: 'leases: of several that take one at once exactly one gets it',
    async run(make) {
      const { leases } = await make();
      const holders = ['one', 'two', 'three', 'four'];
      const got = await Promise.all(holders.map((holder) => leases.take(lease({ holder }))));
      assert.equal(got.filter(Boolean).length, 1);
    },
  },
  {
    name: 'leases: one that is had is refused to others until its time is over, to the millisecond',
    async run(make) {
      const { leases } = await make();
      assert.equal(await leases.take(lease({})), true);
      assert.equal(await leases.take(lease({ holder: 'two', now: 1_099 })), false);
      assert.equal(await leases.take(lease({ holder: 'two', key: 'import/2' })), true);
      assert.equal(await leases.take(lease({ holder: 'two', now: 1_100 })), true);
      assert.equal(await leases.take(lease({ now: 1_101 })), false);
    },
  },
  {
    name: 'leases: whoever has one makes it last longer by taking it again',
    async run(make) {
      const { leases } = await make();
      await leases.take(lease({}));
      assert.equal(await leases.take(lease({ now: 1_050 })), true);
      assert.equal(await leases.take(lease({ holder: 'two', now: 1_149 })), false);
      assert.equal(await leases.take(lease({ holder: 'two', now: 1_150 })), true);
    },
  },
  {
    name: 'leases: one that was given back is free, and nobody gives back what another has',
    async run(make) {
      const { leases } = await make();
      await leases.take(lease({}));
      await leases.release({ key: 'import/1', holder: 'two' });
      assert.equal(await leases.take(lease({ holder: 'two' })), false);
      await leases.release({ key: 'import/1', holder: 'one' });
      assert.equal(await leases.take(lease({ holder: 'two' })), true);
    },
  },
  {
    name: 'leases: those that are over and were not given back are listed, and no others',
    async run(make) {
      const { leases } = await make();
      for (const key of ['a', 'b', 'c']) await leases.take(lease({ key }));
      await leases.release({ key: 'b', holder: 'one' });
      await leases.take(lease({ key: 'c', now: 1_050 }));
      assert.deepEqual(await leases.ended({ now: 1_099, lengthMs: 100 }), []);
      assert.deepEqual(await leases.ended({ now: 1_100, lengthMs: 100 }), ['a']);
    },
  },
  {
    name: 'leases: a clock that was set back does not keep one for ever',
    async run(make) {
      const { leases } = await make();
      await leases.take(lease({ now: 1_000_000 }));
      assert.equal(await leases.take(lease({ key: 'other' })), true);
      assert.deepEqual(await leases.ended({ now: 1_000, lengthMs: 100 }), ['import/1']);
      assert.equal(await leases.take(lease({ holder: 'two' })), true);
    },
  },
];
