import { describe, expect, onTestFinished, test } from 'vitest';
import { connectVim } from '../../src/index.ts';
import { outOfReach } from '../../src/inventory/out-of-reach.ts';
import { change, sampleOf } from '../support/vim-server/model.ts';
import { privilegeMethods } from '../support/vim-server/privilege-methods.ts';
import { connectHosts } from '../support/vim-server/reach.ts';
import { sampleVcenter, startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function start(denied: readonly string[] = []) {
    const model = sampleVcenter();
    const server = await startSampleVcenter({ model, methods: privilegeMethods(model, new Set(denied)) });
    onTestFinished(() => server.close());
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    onTestFinished(() => vim.close());
    const from = async (resourcePool: string, host?: string) => {
      const { datastores, networks } = await outOfReach(vim, { resourcePool, host });
      return { datastores: Object.fromEntries(datastores), networks: Object.fromEntries(networks) };
    };
    return { model, from };
  }
  const far = ['NOT_CONNECTED'];

  test('what the hosts of a pool do not have is out of its reach', async () => {
    const { model, from } = await start();
    connectHosts(model, [{ host: 'host-14', id: 'datastore-38', name: 'local2', freeSpace: 2 ** 42 }]);
    // the port group of uplinks is offered nowhere anyway
    const uplinks = { 'dvportgroup-34': 'NOT_CONNECTED' };
    const segment = { 'network-o35': 'NOT_CONNECTED' };
    expect(await from('resgroup-12')).toEqual({ datastores: {}, networks: { ...segment, ...uplinks } });
    expect(await from('resgroup-v40')).toEqual(await from('resgroup-11'));
    expect((await from('resgroup-12', 'host-13')).datastores).toEqual({ 'datastore-38': far });
    expect(await from('resgroup-21')).toEqual({
      datastores: { 'datastore-30': far, 'datastore-38': far },
      networks: { 'dvportgroup-33': 'NOT_CONNECTED', ...uplinks },
    });
  });

  test('a host that is in maintenance or away has nothing, and a pool with no other runs no machines', async () => {
    const { model, from } = await start();
    connectHosts(model, [{ host: 'host-14', id: 'datastore-38', name: 'local2', freeSpace: 2 ** 42 }]);
    change(sampleOf(model, 'host-14'), 'runtime', { inMaintenanceMode: true });
    expect((await from('resgroup-11')).datastores).toEqual({ 'datastore-38': far });
    await expect(from('resgroup-11', 'host-14')).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
      message: 'No host runs machines there: the host is in maintenance mode or not connected.',
    });
    change(sampleOf(model, 'host-13'), 'runtime', { connectionState: 'notResponding' });
    await expect(from('resgroup-11')).rejects.toMatchObject({ message: expect.stringContaining('all are') });
    expect((await from('resgroup-21')).datastores).toMatchObject({ 'datastore-30': far });
  });

  test('a datastore that is away or in maintenance, and what the user may not use, is told with its reasons', async () => {
    const { model, from } = await start(['datastore-31 Datastore.AllocateSpace', 'network-32 Network.Assign']);
    change(sampleOf(model, 'datastore-30'), 'summary', { accessible: false });
    change(sampleOf(model, 'datastore-31'), 'summary', { maintenanceMode: 'enteringMaintenance' });
    expect(await from('resgroup-11')).toEqual({
      datastores: { 'datastore-30': far, 'datastore-31': ['MAINTENANCE_MODE', 'NO_ALLOCATE_RIGHT'] },
      networks: { 'network-32': 'NO_ASSIGN_RIGHT' },
    });
  });

  test('what hosts do not show counts as within reach', async () => {
    const { model, from } = await start();
    expect(await from('resgroup-11')).toEqual({ datastores: {}, networks: {} });
    connectHosts(model);
    for (const host of ['host-13', 'host-14', 'host-22']) sampleOf(model, host).hidden.add('datastore');
    expect((await from('resgroup-21')).datastores).toEqual({ 'datastore-30': far });
    expect((await from('resgroup-21', 'host-22')).datastores).toEqual({});
    expect((await from('resgroup-nowhere')).datastores).toEqual({});
  });
});
