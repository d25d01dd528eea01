import { describe, expect, test } from 'vitest';
import { openMade } from '../support/made.ts';

describe('what was made', () => {
  test('is as it was asked for when nothing differs', async () => {
    const { finish, vm } = await openMade();
    const { differences } = await finish({
      name: 'web01',
      net: ['Anything=VM Network'],
      datastore: 'datastore1',
      deploymentOption: 'small',
      prop: [{ key: 'hostname', value: 'web01' }],
    });
    expect([vm.vmId, differences]).toEqual([expect.stringMatching(/^vm-/), []]);
  });

  test.each([
    ['a network', { net: ['A=Storage'] }, /no network adapter is connected to Storage/],
    ['all networks', { net: ['*=Storage'] }, /no network adapter is connected to Storage/],
    ['a network by its id', { net: ['A=network-99'] }, /no network adapter is connected to network-99/],
    ['a datastore', { datastore: 'fast' }, /the datastore of .* is datastore1, not fast/],
    ['a property', { prop: [{ key: 'net.hostname', value: 'db01' }] }, /net\.hostname is "web01", not "db01"/],
    ['a deployment option', { deploymentOption: 'large' }, /the deployment option is small, not large/],
    ['a name', { name: 'web02' }, /the name is web01, not web02/],
  ])('that differs in %s is told, and nothing else is done to it', async (_, options, text) => {
    const { inventory, vm, finish, events } = await openMade();
    const { differences } = await finish({ ...options, powerOn: true });
    expect(differences).toContainEqual(expect.stringMatching(text));
    expect(events).toContainEqual({ type: 'warning', message: differences[0] });
    expect((await inventory.power.get({ vm: vm.vmId ?? '' })).state).toBe('POWERED_OFF');
  });

  test('with disks that are stored another way is told so, and goes on: not every datastore has all ways', async () => {
    const { inventory, vm, finish, events } = await openMade();
    const { differences } = await finish({ diskMode: 'eagerZeroedThick', powerOn: true });
    expect(differences).toEqual([]);
    const message = expect.stringMatching(/the provisioning of .* is thin, not eagerZeroedThick/);
    expect(events).toContainEqual({ type: 'warning', message });
    expect((await inventory.power.get({ vm: vm.vmId ?? '' })).state).toBe('POWERED_ON');
  });

  test('of a vApp is compared machine by machine', async () => {
    const { finish, vapp } = await openMade();
    expect((await finish({ net: ['A=VM Network'], datastore: 'datastore1' }, vapp)).differences).toEqual([]);
    expect((await finish({ datastore: 'fast' }, vapp)).differences.length).toBeGreaterThan(1);
  });

  test('keeps what nobody tells to itself: passwords, and what the target has no names for', async () => {
    const { finish } = await openMade();
    const { differences } = await finish({ prop: [{ key: 'net.secret', value: 'mine' }] });
    expect(differences).toEqual([]);
  });
});
