import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore, EntityCollection, Staged } from '@ovfkit/domain';
import { type Content, readDescriptor } from '@ovfkit/package-format';
import { openLocalStore } from '@ovfkit/store-local';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createInventoryServices } from '../src/index.ts';
import { itemsOf } from '../src/vim/vim-shape.ts';
import { engineOver } from './support/engine-over.ts';
import { sampleImport } from './support/import-request.ts';
import { openLeaseScene, samplePlacement } from './support/lease-scene.ts';
import { nestInSuite } from './support/nest.ts';
import { change, sampleOf } from './support/vim-server/model.ts';

async function localBlobs(): Promise<BlobStore> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-nested-'));
  const store = await openLocalStore(folder);
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return store.blobs;
}

const suite = { type: 'VirtualApp', id: 'resgroup-v40' };

const staging = (id: string) => ({ ref: { type: 'VirtualApp', id }, prefix: 'export/1/staged', flags: [] });

/** `suite[suite-web spare[]]` */
const shapeOf = (content: Content): string =>
  content.kind === 'VirtualSystem' ? content.id : `${content.id}[${content.children.map(shapeOf).join(' ')}]`;

function shapeOfStaged(staged: Staged): string {
  if ('entity' in staged) return expect.fail('no descriptor');
  return shapeOf(readDescriptor(staged.descriptor).content);
}

const inside = (systems: string): string =>
  `<VirtualSystemCollection ovf:id="spare"><Info>Empty</Info></VirtualSystemCollection>
   <VirtualSystemCollection ovf:id="tier"><Info>Inside</Info>${systems}</VirtualSystemCollection>`;

const collection = (id: string, fields: Partial<EntityCollection> = {}) => ({
  collection: { id, products: [], eulas: [], children: [], ...fields },
});

const port = { id: 'port', type: 'int', userConfigurable: true, password: false, value: '81' };

/** A vApp that has an empty one and one with two machines in it. */
function nestedImport() {
  const tier = {
    products: [{ classId: 'db', properties: [{ ...port, classId: 'db' }] }],
    children: [{ systemId: 's0' }, { systemId: 's1' }],
  };
  const made = sampleImport({
    name: 'duo',
    vapp: 2,
    placement: samplePlacement,
    entity: { children: [collection('spare'), collection('tier', tier)] },
  });
  const descriptor = made.request.descriptor.replace(/<VirtualSystem .*<\/VirtualSystem>/s, inside);
  return { ...made, request: { ...made.request, descriptor } };
}

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  async function open() {
    const scene = await openLeaseScene(transport);
    nestInSuite(scene.server.model);
    const blobs = await localBlobs();
    return { ...scene, inventory: scene.inventoryWith(blobs), services: createInventoryServices(scene.vim) };
  }

  test('a vApp is started and deleted with all vApps inside, and those are in no folder', async () => {
    const { services, names } = await open();
    const { vapp, power, vm } = services;
    expect((await vapp.list({ folders: ['group-v3'] })).map(({ name }) => name)).toEqual(['suite']);
    expect((await vm.get({ vm: 'vm-64' })).ovf).toMatchObject({ folder: 'group-v3', vapp: 'resgroup-v62' });
    await vapp.start({ vapp: suite.id });
    for (const each of ['vm-41', 'vm-63', 'vm-64']) expect((await power.get({ vm: each })).state).toBe('POWERED_ON');
    await power.stop({ vm: 'vm-41' });
    await power.stop({ vm: 'vm-63' });
    const deletion = vapp.delete({ vapp: suite.id });
    await expect(deletion).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE', message: /vm-64/ });
    await power.stop({ vm: 'vm-64' });
    await vapp.delete({ vapp: suite.id });
    expect(names()).toEqual(['web', 'db']);
  });

  test('a vApp is exported with the vApps inside, or one of those alone', async () => {
    const { inventory, notices } = await open();
    expect(shapeOfStaged(await inventory.stage(staging(suite.id)))).toBe(
      'suite[suite-web spare[] tier[tier-db caches[tier-cache]]]',
    );
    const alone = await inventory.stage(staging('resgroup-v61'));
    expect(shapeOfStaged(alone)).toBe('tier[tier-db caches[tier-cache]]');
    expect('files' in alone && alone.files.map(({ name }) => name)).toEqual([
      ...['0-vm-63-disk-0.vmdk', '2-vm-63-tier-db.nvram', '3-vm-64-disk-0.vmdk', '5-vm-64-tier-cache.nvram'],
    ]);
    expect(notices).toEqual([]);
  });

  test('a vApp inside without machines is exported as it is, whatever runs elsewhere', async () => {
    const { inventory } = await open();
    const staged = await inventory.stage(staging('resgroup-v60'));
    expect(shapeOfStaged(staged)).toBe('spare[]');
    expect('files' in staged && staged.files).toEqual([]);
  });

  test('a machine that runs in a vApp inside keeps the whole vApp from being exported', async () => {
    const { inventory, server } = await open();
    change(sampleOf(server.model, 'vm-64'), 'runtime', { powerState: 'poweredOn' });
    await expect(inventory.stage(staging(suite.id))).rejects.toMatchObject({ message: /^suite is powered on/ });
  });

  test('to look at a vApp shows the vApps inside with what they hold', async () => {
    const { inventory } = await open();
    const { vms, children } = await inventory.describe(suite);
    expect(vms.map(({ systemId }) => systemId).toSorted()).toEqual(['vm-41', 'vm-63', 'vm-64']);
    const cached = collection('resgroup-v62', { name: 'caches', children: [{ systemId: 'vm-64' }] });
    expect(children).toEqual([
      { systemId: 'vm-41' },
      collection('resgroup-v60', { name: 'spare' }),
      collection('resgroup-v61', { name: 'tier', children: [{ systemId: 'vm-63' }, cached] }),
    ]);
  });

  test('the files of an export are foreseen, those of vApps inside too', async () => {
    const { inventoryWith } = await open();
    const { backend } = await engineOver(({ blobs }) => inventoryWith(blobs));
    const source = { vappId: suite.id };
    const previewed = await backend.exportSession.preview({ source, previewSpec: { targetType: 'DOWNLOAD_TARGET' } });
    const id = await backend.exportSession.create({ source, createSpec: { targetType: 'DOWNLOAD_TARGET' } });
    await expect.poll(async () => (await backend.exportSession.get({ id })).state).toBe('EXPORT_READY');
    const { files } = await backend.exportSession.get({ id });
    const disks = ['suite-disk-0.vmdk', 'suite-disk-1.vmdk', 'suite-disk-2.vmdk'];
    const disksOf = (all: readonly { readonly name: string }[]) =>
      all.map(({ name }) => name).filter((name) => name.endsWith('.vmdk'));
    expect([disksOf(previewed.files), disksOf(files)]).toEqual([disks, disks]);
  });

  test('an import makes the vApps inside with the values for them, and is found by its outermost', async () => {
    const { inventoryWith, server, remarks } = await open();
    const { request, blobs } = nestedImport();
    const inventory = inventoryWith(blobs);
    const ref = await inventory.create(request);
    expect(ref.type).toBe('VirtualApp');
    expect(sampleOf(server.model, ref.id).properties['name']).toBe('duo');
    expect(itemsOf(remarks.asked[0]?.['propertyMapping'])).toMatchObject([{ key: 'db.port', value: '81' }]);
    expect(await inventory.made(request.key)).toEqual(ref);
    expect(await inventory.create(request)).toEqual(ref);
    expect((await inventory.describe(ref)).children).toMatchObject([
      { collection: { name: 'spare', children: [] } },
      { collection: { name: 'tier', children: [{}, {}] } },
    ]);
    await inventory.discard(request.key);
    expect(await inventory.made(request.key)).toBeUndefined();
  });

  test('a property that two vApps inside have with values of their own is left as the package has it', async () => {
    const { inventoryWith, remarks } = await open();
    const { request, blobs } = nestedImport();
    const one = (id: string, value: string) =>
      collection(id, {
        products: [
          {
            properties: [
              { ...port, value },
              { ...port, id: 'zone', value: 'same' },
            ],
          },
        ],
      });
    const children = [one('spare', '81'), one('tier', '82')];
    await inventoryWith(blobs).create({ ...request, entity: { ...request.entity, children } });
    expect(itemsOf(remarks.asked[0]?.['propertyMapping'])).toMatchObject([{ key: 'zone', value: 'same' }]);
  });

  test('a vApp without any machine is not made: nothing of it could be found again', async () => {
    const { inventoryWith, names } = await open();
    const before = names();
    const { request, blobs } = nestedImport();
    const descriptor = request.descriptor.replace(/<VirtualSystem .*<\/VirtualSystem>/s, '');
    const entity = { ...request.entity, vms: [], children: [collection('spare')] };
    const creation = inventoryWith(blobs).create({ ...request, descriptor, entity });
    await expect(creation).rejects.toMatchObject({ kind: 'UNSUPPORTED', message: /^duo has no machine/ });
    expect(names()).toEqual(before);
  });
});
