import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectVim, createVsphereInventory, managedObject } from '@ovfkit/vsphere';
import { expect, onTestFinished, test } from 'vitest';
import { addMachine, startSampleVcenter } from '../../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import type { ReportEvent } from '../../src/output/report.ts';
import { openInProcess } from '../../src/target/in-process.ts';
import { finishing } from '../support/made.ts';

async function open(vappList: 'listed' | 'unlisted' = 'listed') {
  const server = await startSampleVcenter();
  onTestFinished(() => server.close());
  const suite = managedObject('VirtualApp', 'resgroup-v40');
  const db = addMachine(server.model, { value: 'vm-51', name: 'suite-db', parentVApp: suite, resourcePool: suite });
  server.model.get(suite).properties['vm'] = [managedObject('VirtualMachine', 'vm-41'), db.ref];
  const vim = await connectVim({ url: server.url, user: 'user', password: 'pass' });
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-vapp-'));
  const { backend, close } = await openInProcess({
    inventoryOver: (blobs) => createVsphereInventory({ vim, blobs }),
    folder,
    onBytes: () => undefined,
  });
  onTestFinished(async () => {
    await close();
    await vim.close();
    await rm(folder, { recursive: true, force: true });
  });
  const events: ReportEvent[] = [];
  const features = { ...backend.features, vappList: vappList === 'listed' };
  const finish = finishing({ ...backend, features }, { vm: { vappId: 'resgroup-v40' }, events, vim });
  const methods = () => server.calls.filter((call) => /PowerOn/.test(call)).map((call) => call.split('.').at(-1));
  return { finish, events, methods, backend };
}

test.each(['listed', 'unlisted'] as const)(
  'a vApp at a vCenter is powered on as one, where its vApps are %s, and again is nothing new',
  async (vappList) => {
    const { finish, events, methods, backend } = await open(vappList);
    await finish({ powerOn: true });
    expect(methods()).toEqual(['PowerOnVApp_Task']);
    for (const vm of ['vm-41', 'vm-51']) expect((await backend.inventory.power.get({ vm })).state).toBe('POWERED_ON');
    expect(events).toContainEqual({ type: 'information', message: 'resgroup-v40 is powered on, with 2 machines' });
    await finish({ powerOn: true });
    expect(methods()).toHaveLength(1);
  },
);
