import { createHash, randomUUID } from 'node:crypto';
import { collect, sampleOva, samplePackage } from '@ovfkit/conformance';
import type { Placement } from '@ovfkit/domain';
import { createPullSource } from '@ovfkit/rest';
import { describe, expect, test } from 'vitest';
import { createLibraryInventory, readItemPackage } from '../../src/index.ts';
import type { Origin, UrlOrigin } from '../../src/origin.ts';
import { sampleImport } from '../support/import-request.ts';
import { serveFiles } from '../support/serve-files.ts';
import { inventoryOver, startUpstream, type Upstream } from '../support/upstream.ts';

const placement: Placement = { resourcePool: 'resgroup-8', folder: 'group-v3', datastore: 'datastore-12' };

const noBytes = {
  read(): never {
    throw new Error('bytes went through this process');
  },
};

async function open() {
  const upstream = await startUpstream({ pull: createPullSource({ isAllowed: () => true }) });
  const [folder] = await upstream.backend.inventory.folder.list({ type: 'VIRTUAL_MACHINE' });
  const key = randomUUID();
  const wanted = sampleImport({ key, placement: { ...placement, folder: folder?.folder ?? '' } });
  const notices: string[] = [];
  const fetched: string[] = [];
  const inventoryWith = (blobs: object, origin: Origin) =>
    createLibraryInventory({
      inventory: inventoryOver(upstream),
      vcenter: upstream.backend,
      blobs: { ...upstream.store.blobs, ...blobs },
      origin: () => origin,
      onNotice: ({ text }) => notices.push(text),
      onFetched: ({ name }) => fetched.push(name),
    });
  return { upstream, wanted, notices, fetched, inventoryWith };
}

const itemsOf = async ({ store }: Upstream) => (await store.library.items({})).map(({ name }) => name);

async function diskOf({ store }: Upstream, id: string): Promise<string> {
  const entity = await store.inventory.describe({ type: 'VirtualMachine', id });
  const bytes = await collect(store.blobs.read(entity.vms[0]?.disks[0]?.file?.blob ?? ''));
  return createHash('sha256').update(bytes).digest('hex');
}

const filesAt = (url: string, names: Iterable<string>): UrlOrigin['at'] => ({
  files: new Map([...names].map((name) => [name, `${url}/${name}`])),
});

describe('a content library that is told where a package is', () => {
  test('fetches its files, and none of them passes through this process', async () => {
    const { upstream, wanted, notices, inventoryWith } = await open();
    const host = await serveFiles(wanted.contents);
    const at = filesAt(host.url, wanted.contents.keys());
    const inventory = inventoryWith(noBytes, { kind: 'url', at, otherwise: 'fail' });
    const { id } = await inventory.create(wanted.request);
    expect(await diskOf(upstream, id)).toBe(wanted.request.files[0]?.sha256);
    expect(host.asked).toContain('disk0.vmdk');
    expect(notices).toEqual([]);
    expect(await itemsOf(upstream)).toEqual([]);
    expect(await inventory.made(wanted.request.key)).toEqual({ type: 'VirtualMachine', id });
  });

  test('refuses a file whose bytes are not those of its digest', async () => {
    const { upstream, wanted, inventoryWith } = await open();
    const host = await serveFiles(new Map([['disk0.vmdk', new Uint8Array(300_000)]]));
    const at = filesAt(host.url, wanted.contents.keys());
    const inventory = inventoryWith(noBytes, { kind: 'url', at, otherwise: 'fail' });
    await expect(inventory.create(wanted.request)).rejects.toThrow(/could not fetch disk0\.vmdk/);
    expect(await itemsOf(upstream)).toEqual([]);
  });

  test('is sent what it does not get, which is told', async () => {
    const { upstream, wanted, notices, inventoryWith } = await open();
    const at = filesAt('http://127.0.0.1:1', wanted.contents.keys());
    const inventory = inventoryWith(wanted.blobs, { kind: 'url', at, otherwise: 'send' });
    const { id } = await inventory.create(wanted.request);
    expect(await diskOf(upstream, id)).toBe(wanted.request.files[0]?.sha256);
    expect(notices).toEqual([expect.stringMatching(/^The package is sent from here: .*does not reach the server/)]);
  });

  test('fetches an archive whole, and what is made of it is known by the key of its import', async () => {
    const { upstream, wanted, notices, inventoryWith } = await open();
    const sample = samplePackage({ name: 'app' });
    const host = await serveFiles(new Map([['app.ova', sampleOva(sample)]]));
    const at = { archive: `${host.url}/app.ova` };
    const inventory = inventoryWith(noBytes, { kind: 'url', at, otherwise: 'fail' });
    const { entity } = wanted.request;
    const networks = [{ name: 'VM Network', target: 'network-7' }];
    const parameters = [{ type: 'EulaParams' as const, allEulaAccepted: true }];
    const request = { ...wanted.request, entity: { ...entity, networks }, parameters };
    const ref = await inventory.create(request);
    expect(await diskOf(upstream, ref.id)).toBe(createHash('sha256').update(sample.disk.bytes).digest('hex'));
    expect(await inventory.create(request)).toEqual(ref);
    expect(await itemsOf(upstream)).toEqual([]);
    expect(notices).toEqual([]);
    await inventory.discard(request.key);
    expect(await upstream.backend.inventory.vm.list({})).toEqual([]);
  });
});

describe('an item that the content library has', () => {
  async function openWithItem() {
    const scene = await open();
    const { backend, libraryId } = scene.upstream;
    const sample = samplePackage({ name: 'kept', languages: ['de'] });
    const host = await serveFiles(new Map([['kept.ova', sampleOva(sample)]]));
    const { item, updateSession, updateSessionFile } = backend.contentLibrary;
    const libraryItemId = await item.create({ createSpec: { libraryId, name: 'kept', type: 'ovf' } });
    const updateSessionId = await updateSession.create({ createSpec: { libraryItemId } });
    const sourceEndpoint = { uri: `${host.url}/kept.ova` };
    const fileSpec = { name: 'kept.ova', sourceType: 'PULL' as const, sourceEndpoint };
    await updateSessionFile.add({ updateSessionId, fileSpec });
    await updateSession.complete({ updateSessionId });
    await expect.poll(async () => (await updateSession.get({ updateSessionId })).state).toBe('DONE');
    return { ...scene, sample, libraryItemId };
  }

  test('is read as far as its texts, and its disks stay where they are', async () => {
    const { upstream, sample, libraryItemId } = await openWithItem();
    const { blobs } = upstream.store;
    const signal = new AbortController().signal;
    const question = { libraryItemId, prefix: `item/${libraryItemId}`, signal };
    const { files, name } = await readItemPackage({ vcenter: upstream.backend, blobs }, question);
    expect(name).toBe('kept');
    const disk = files.find((file) => file.name === sample.disk.name);
    expect(disk).toMatchObject({ size: sample.disk.bytes.length, sha256: '' });
    expect(await blobs.size(disk?.blob ?? '')).toBe(0);
    const texts = files.filter(({ sha256 }) => sha256 !== '');
    expect(texts.length).toBeGreaterThan(1);
    for (const { blob, size } of texts) expect(await blobs.size(blob)).toBe(size);
    expect(files.some((file) => file.name.endsWith('.mf'))).toBe(false);
    expect(await upstream.store.sessions.downloads.list({})).toEqual([]);
  });

  test('is deployed as it is, and stays', async () => {
    const { upstream, wanted, sample, inventoryWith, libraryItemId } = await openWithItem();
    const inventory = inventoryWith(noBytes, { kind: 'item', libraryItemId });
    const networks = [{ name: 'VM Network', target: 'network-7' }];
    const parameters = [{ type: 'EulaParams' as const, allEulaAccepted: true }];
    const request = { ...wanted.request, entity: { ...wanted.request.entity, networks }, parameters };
    const { id } = await inventory.create(request);
    expect(await diskOf(upstream, id)).toBe(createHash('sha256').update(sample.disk.bytes).digest('hex'));
    expect(await itemsOf(upstream)).toEqual(['kept']);
    expect(await inventory.made(request.key)).toEqual({ type: 'VirtualMachine', id });
  });
});
