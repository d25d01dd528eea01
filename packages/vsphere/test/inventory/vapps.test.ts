import { describe, expect, onTestFinished, test } from 'vitest';
import { connectVim, createInventoryServices, managedObject } from '../../src/index.ts';
import { addMachine, startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  test('a vApp is started as one, with every machine in it, and once', async () => {
    const server = await startSampleVcenter();
    onTestFinished(() => server.close());
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    onTestFinished(() => vim.close());
    const suite = managedObject('VirtualApp', 'resgroup-v40');
    const db = addMachine(server.model, { value: 'vm-51', name: 'suite-db', parentVApp: suite, resourcePool: suite });
    const { properties } = server.model.get(suite);
    properties['vm'] = [managedObject('VirtualMachine', 'vm-41'), db.ref];
    const { power, vapp } = createInventoryServices(vim);
    await vapp.start({ vapp: 'resgroup-v40' });
    for (const vm of ['vm-41', 'vm-51']) expect((await power.get({ vm })).state).toBe('POWERED_ON');
    expect(server.calls.some((call) => call.endsWith('PowerOnVM_Task'))).toBe(false);
    await expect(vapp.start({ vapp: 'resgroup-v40' })).rejects.toMatchObject({ kind: 'ALREADY_IN_DESIRED_STATE' });
    await expect(vapp.start({ vapp: 'resgroup-none' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });
});
