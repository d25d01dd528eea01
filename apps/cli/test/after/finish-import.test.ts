import { SessionError } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { openMade } from '../support/made.ts';

const stays = expect.objectContaining({ type: 'information', message: expect.stringContaining('complete and stays') });

describe('power', () => {
  test('is turned on, and a second time that is nothing new', async () => {
    const { inventory, vm, finish } = await openMade();
    await finish({ powerOn: true });
    await finish({ powerOn: true });
    expect((await inventory.power.get({ vm: vm.vmId ?? '' })).state).toBe('POWERED_ON');
  });

  test('of a vApp is that of all its machines', async () => {
    const { inventory, vapp, finish } = await openMade();
    await finish({ powerOn: true }, vapp);
    const running = await inventory.vm.list({ powerStates: ['POWERED_ON'] });
    expect(running.map(({ name }) => name)).toEqual(['suite-web', 'suite-db']);
  });

  test('that cannot be turned on deletes nothing, and says what failed and what stays', async () => {
    const { inventory, vm, finish, events } = await openMade();
    await inventory.vm.markAsTemplate({ vm: vm.vmId ?? '' });
    await expect(finish({ powerOn: true })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      message: expect.stringContaining(`${vm.vmId} could not be powered on`),
    });
    expect(events).toContainEqual(stays);
    expect(await inventory.vm.list({ names: ['web01'] })).toHaveLength(1);
  });
});

describe('a template', () => {
  test('is made once, and again is nothing new', async () => {
    const { inventory, vm, finish } = await openMade();
    await finish({ markAsTemplate: true });
    await finish({ markAsTemplate: true });
    expect((await inventory.vm.get({ vm: vm.vmId ?? '' })).ovf?.template).toBe(true);
  });
});

describe('the address of a guest', () => {
  test('is waited for through answers that are none yet', async () => {
    const answers = [
      () => Promise.reject(new SessionError('SERVICE_UNAVAILABLE', 'no tools yet')),
      async () => ({ hostName: 'web01' }),
      async () => ({ hostName: 'web01', ipAddress: '10.0.0.7' }),
    ];
    const { vm, inventory, finish } = await openMade(() => ({
      guestIdentity: { get: async () => (answers.length > 1 ? answers.shift() : answers[0])?.() ?? {} },
    }));
    expect((await finish({ waitForIp: 60 })).addresses).toEqual([{ vm: vm.vmId, address: '10.0.0.7' }]);
    expect((await inventory.power.get({ vm: vm.vmId ?? '' })).state).toBe('POWERED_ON');
  });

  test('that does not come in time is told as such, and the machine stays on', async () => {
    const { inventory, vm, finish, events } = await openMade();
    await expect(finish({ waitForIp: 1 })).rejects.toMatchObject({ exitClass: 'timedOut' });
    expect(events).toContainEqual(stays);
    expect((await inventory.power.get({ vm: vm.vmId ?? '' })).state).toBe('POWERED_ON');
  });

  test('is not waited for after Ctrl-C: the machine stays, and the reason is that of the signal', async () => {
    const controller = new AbortController();
    const reason = new Error('Ctrl-C');
    const { inventory, finish, events } = await openMade(() => ({
      guestIdentity: {
        get: async () => {
          controller.abort(reason);
          return {};
        },
      },
    }));
    await expect(finish({ waitForIp: 60 }, undefined, controller.signal)).rejects.toBe(reason);
    expect(events).toContainEqual(stays);
    expect(await inventory.vm.list({ names: ['web01'] })).toHaveLength(1);
  });
});
