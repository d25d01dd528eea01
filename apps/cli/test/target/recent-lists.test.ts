import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, sampleEntity } from '@ovfkit/conformance';
import { type Inventory, SessionError } from '@ovfkit/domain';
import { openLocalStore } from '@ovfkit/store-local';
import { expect, onTestFinished, test } from 'vitest';
import { withRecentLists } from '../../src/target/recent-lists.ts';

/** An inventory that counts what it is asked, behind its memory. */
async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-lists-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { inventory, close } = await openLocalStore(folder, { database: 'memory' });
  onTestFinished(close);
  const questions: string[] = [];
  const failures: SessionError[] = [];
  const list: Inventory['vm']['list'] = async (filter) => {
    questions.push(JSON.stringify(filter));
    const failure = failures.pop();
    if (failure !== undefined) throw failure;
    return inventory.vm.list(filter);
  };
  const pools: string[] = [];
  const listPools: Inventory['resourcePool']['list'] = (filter) => {
    pools.push(JSON.stringify(filter));
    return inventory.resourcePool.list(filter);
  };
  const recent = withRecentLists({
    ...inventory,
    vm: { ...inventory.vm, list },
    resourcePool: { ...inventory.resourcePool, list: listPools },
  });
  const make = async (name: string) => {
    const entity = sampleEntity({ ...(await placeIn(recent)), name });
    return recent.create({ key: name, entity, descriptor: '', parameters: [], files: [] });
  };
  return { inventory: recent, make, questions, pools, failures };
}

test('a list is not asked for again a moment later; one of other things is', async () => {
  const { inventory, make, questions } = await open();
  await make('web');
  expect((await inventory.vm.list({})).map(({ name }) => name)).toEqual(['web']);
  expect((await inventory.vm.list({})).map(({ name }) => name)).toEqual(['web']);
  expect(await inventory.vm.list({ powerStates: ['POWERED_ON'] })).toEqual([]);
  expect(questions).toEqual(['{}', '{"powerStates":["POWERED_ON"]}']);
});

test('a machine is asked for by its name, for there may be thousands; a pool is found among those that were listed', async () => {
  const { inventory, make, questions, pools } = await open();
  const { id } = await make('web');
  expect(await inventory.vm.list({ vms: [id], names: ['web'] })).toHaveLength(1);
  expect(questions).toEqual([JSON.stringify({ vms: [id], names: ['web'] })]);
  const [pool] = await inventory.resourcePool.list({});
  const asked = pools.length;
  expect(await inventory.resourcePool.list({ names: [pool?.name ?? ''] })).toEqual([pool]);
  expect(await inventory.resourcePool.list({ resourcePools: ['resgroup-none'] })).toEqual([]);
  expect(pools).toHaveLength(asked);
});

test('what is made, started, deleted or discarded here is seen at once', async () => {
  const { inventory, make } = await open();
  const states = async () => (await inventory.vm.list({})).map(({ name, powerState }) => `${name} ${powerState}`);
  expect(await states()).toEqual([]);
  const { id: vm } = await make('web');
  expect(await states()).toEqual(['web POWERED_OFF']);
  await inventory.power.start({ vm });
  expect(await states()).toEqual(['web POWERED_ON']);
  await inventory.power.stop({ vm });
  await inventory.vm.delete({ vm });
  expect(await states()).toEqual([]);
  await make('db');
  expect(await states()).toEqual(['db POWERED_OFF']);
  await inventory.discard('db');
  expect(await states()).toEqual([]);
});

test('a list that failed is asked for again', async () => {
  const { inventory, questions, failures } = await open();
  failures.push(new SessionError('SERVICE_UNAVAILABLE', 'It is starting.'));
  await expect(inventory.vm.list({})).rejects.toMatchObject({ kind: 'SERVICE_UNAVAILABLE' });
  expect(await inventory.vm.list({})).toEqual([]);
  expect(questions).toHaveLength(2);
});
