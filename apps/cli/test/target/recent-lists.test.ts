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
  const recent = withRecentLists({ ...inventory, vm: { ...inventory.vm, list } });
  const make = async (name: string) => {
    const entity = sampleEntity({ ...(await placeIn(recent)), name });
    return recent.create({ key: name, entity, descriptor: '', parameters: [], files: [] });
  };
  return { inventory: recent, make, questions, failures };
}

test('a list is not asked for again a moment later, nor is a part of it; one of other things is', async () => {
  const { inventory, make, questions } = await open();
  const { id } = await make('web');
  expect((await inventory.vm.list({})).map(({ name }) => name)).toEqual(['web']);
  expect((await inventory.vm.list({})).map(({ name }) => name)).toEqual(['web']);
  expect(await inventory.vm.list({ names: ['db'] })).toEqual([]);
  expect(await inventory.vm.list({ vms: [id], names: ['web'] })).toHaveLength(1);
  expect(await inventory.vm.list({ vms: ['vm-none'] })).toEqual([]);
  expect(await inventory.vm.list({ powerStates: ['POWERED_ON'] })).toEqual([]);
  expect(questions).toEqual(['{}', '{"powerStates":["POWERED_ON"]}']);
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
