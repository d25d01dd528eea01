import { describe, expect, onTestFinished, test } from 'vitest';
import { connectVim, createInventoryServices } from '../../src/index.ts';
import { startSampleVcenter } from '../support/vim-server/sample-vcenter.ts';

describe.each(['soap', 'vi-json'] as const)('lists of places over %s', (transport) => {
  async function open() {
    const server = await startSampleVcenter();
    onTestFinished(() => server.close());
    const vim = await connectVim({ url: server.url, user: 'user', password: 'pass', transport });
    onTestFinished(() => vim.close());
    const { network, datastore, folder, vm } = createInventoryServices(vim);
    const places = () => Promise.all([network.list({}), datastore.list({}), folder.list({})]);
    const views = () => server.calls.filter((call) => call.endsWith('CreateContainerView'));
    return { server, places, views, machines: () => vm.list({}) };
  }

  test('share one view, which is made once and tells what has come and gone since', async () => {
    const { server, places, views } = await open();
    const [networks] = await places();
    await places();
    const gone = server.model.all().find(({ ref }) => ref.value === networks[0]?.network);
    if (gone !== undefined) server.model.remove(gone.ref);
    const [left] = await places();
    expect(left).toEqual(networks.slice(1));
    expect(views()).toHaveLength(1);
  });

  test('make another one when it has ended with its session', async () => {
    const { server, places, views } = await open();
    const before = await places();
    for (const { ref } of server.model.all()) if (ref.type === 'ContainerView') server.model.remove(ref);
    expect(await places()).toEqual(before);
    expect(views()).toHaveLength(2);
  });

  test('leave no view of machines behind', async () => {
    const { server, machines } = await open();
    await machines();
    await expect.poll(() => server.model.all().filter(({ ref }) => ref.type === 'ContainerView')).toEqual([]);
  });
});
