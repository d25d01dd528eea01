import { createHash } from 'node:crypto';
import { samplePackage } from '@ovfkit/conformance';
import type { Inventory } from '@ovfkit/domain';
import { expect, onTestFinished, test } from 'vitest';
import { connectVim, createVsphereInventory } from '../src/index.ts';
import { engineOver } from './support/engine-over.ts';
import { startVcsim } from './support/vcsim.ts';
import { witness } from './support/witness.ts';

async function open() {
  const vcsim = await startVcsim();
  onTestFinished(() => vcsim.stop());
  const { url, seen } = await witness(vcsim.url);
  const vim = await connectVim({ url: url.href, user: vcsim.user, password: vcsim.password });
  onTestFinished(() => vim.close());
  let inventory: Inventory | undefined;
  const engine = await engineOver(({ blobs }) => {
    inventory = createVsphereInventory({ vim, blobs });
    return inventory;
  });
  const { resourcePool, datastore, network } = engine.backend.inventory;
  const [pool] = await resourcePool.list({ names: ['Resources'] });
  const [store] = await datastore.list({});
  const [net] = await network.list({ names: ['DC0_DVPG0'] });
  const importSample = (name: string) =>
    engine.importSample({
      name,
      resourcePool: pool?.resourcePool ?? '',
      parameters: [
        { type: 'NameAndProductParams', name, annotation: 'told' },
        { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: net?.network ?? '' }] },
        { type: 'DatastoreMappingParams', targetDatastore: store?.datastore ?? '', targetProvisioningType: 'thin' },
      ],
    });
  const files = () => seen.filter(({ path }) => path.endsWith('.vmdk'));
  return { ...engine, importSample, files, inventory: inventory ?? expect.fail('no inventory') };
}

test('a package goes through a session of the engine into a vCenter that is not ours, byte for byte', async () => {
  const { backend, importSample, files, inventory } = await open();
  const before = await inventory.vm.list({});
  const id = await importSample('app');
  const { disk } = samplePackage({ name: 'app' });
  expect(files().map(({ sha256 }) => sha256)).toEqual([createHash('sha256').update(disk.bytes).digest('hex')]);
  const info = await backend.inventory.vm.get({ vm: id });
  expect(info).toMatchObject({ name: 'app', memory: { sizeMib: 256 } });
  expect(info.nics.map(({ value }) => value.backing.networkName ?? value.backing.network)).toHaveLength(1);
  expect(await backend.importSession.list({})).toEqual([]);
  await backend.inventory.vm.delete({ vm: id });
  expect(await inventory.vm.list({})).toEqual(before);
});

test('a name that is taken is told before a byte moves', async () => {
  const { importSample, files } = await open();
  await importSample('app');
  await expect(importSample('app')).rejects.toThrow(/app/);
  expect(files()).toHaveLength(1);
});
