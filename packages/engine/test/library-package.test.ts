import { sampleFacts, samplePackage } from '@ovfkit/conformance';
import { type CreateExportSession, type ExportInfo, findParams, type SessionBackend } from '@ovfkit/domain';
import { describe, expect, test } from 'vitest';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { createItem, downloadItem, filesOf, fillItem } from './support/library.ts';
import { accepted, createImport, exportFiles, named, textOf, until } from './support/session.ts';

const sample = samplePackage({ name: 'app', languages: ['de'] });
const target = { resourcePoolId: 'resgroup-8' };

async function start(folder?: string) {
  const started = await startEngine(folder === undefined ? {} : { folder });
  return { ...started, backend: started.engine.backendFor(admin) };
}

/** A library with an item that has the sample. */
async function startWithItem() {
  const started = await start();
  const { libraryId, itemId } = await createItem(started.backend);
  await fillItem(started.backend, itemId, filesOf(sample));
  return { ...started, libraryId, itemId };
}

const fromItem = (backend: SessionBackend, contentLibraryItem: string) =>
  createImport(backend, { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem });

async function deployed(backend: SessionBackend, ovfLibraryItemId: string, name: string): Promise<string> {
  const deploymentSpec = { name, acceptAllEula: true };
  const { resourceId, error } = await backend.libraryItem.deploy({ ovfLibraryItemId, target, deploymentSpec });
  expect(error?.errors ?? []).toEqual([]);
  return resourceId?.id ?? '';
}

async function exported(backend: SessionBackend, input: CreateExportSession): Promise<ExportInfo> {
  const id = await backend.exportSession.create(input);
  await expect.poll(async () => (await backend.exportSession.get({ id })).state).toMatch(/COMPLETED|ERROR/);
  return backend.exportSession.get({ id });
}

test('of two machines of one item, the one is deleted while the other is exported, and its export stays whole', async () => {
  const { backend, itemId } = await startWithItem();
  const one = await deployed(backend, itemId, 'one');
  const other = await deployed(backend, itemId, 'other');
  const createSpec = { targetType: 'DOWNLOAD_TARGET' } as const;
  const id = await backend.exportSession.create({ source: { vmId: one }, createSpec });
  await expect.poll(async () => (await backend.exportSession.get({ id })).state).toBe('EXPORT_READY');
  await backend.inventory.vm.delete({ vm: other });
  await expect(backend.inventory.vm.delete({ vm: one })).rejects.toMatchObject({
    kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
  });
  const disk = (await exportFiles(backend, { vmId: one })).get('one-disk-0.vmdk') ?? [];
  expect(Buffer.from(disk).equals(sample.disk.bytes)).toBe(true);
});

describe('an import of a library item', () => {
  test('has all its files at once, never waits for bundles, and makes the machine without a transfer', async () => {
    const { backend, itemId } = await startWithItem();
    const id = await fromItem(backend, itemId);
    const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    expect(files.map(({ name, fileType }) => [name, fileType])).toEqual([
      ['app.mf', 'MANIFEST'],
      ['app.ovf', 'OVF'],
      ['app-disk1.vmdk', 'DISK'],
      ['app-de.msg', 'MSG_BUNDLE'],
    ]);
    for (const { size, bytesTransferred, sha256 } of files) {
      expect(bytesTransferred).toBe(size);
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted, named('app')] });
    const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
    const disk = (await exportFiles(backend, { vmId })).get('app-disk-0.vmdk') ?? [];
    expect(Buffer.from(disk).equals(sample.disk.bytes)).toBe(true);
  });

  test('keeps its files when the item is deleted under it, and the machine keeps them after both', async () => {
    const { backend, itemId, store } = await startWithItem();
    const id = await fromItem(backend, itemId);
    await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    for (const session of await backend.contentLibrary.updateSession.list({}))
      await backend.contentLibrary.updateSession.delete({ updateSessionId: session });
    await backend.contentLibrary.item.delete({ libraryItemId: itemId });
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted, named('app')] });
    const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
    await backend.importSession.delete({ id });
    const keys: string[] = [];
    for await (const key of store.blobs.keys('')) keys.push(key);
    expect(keys).toEqual([expect.stringMatching(/app-disk1\.vmdk$/)]);
    await backend.inventory.vm.delete({ vm: vmId });
    for await (const key of store.blobs.keys('')) expect.fail(key);
  });

  test('goes on after a restart with the files of an item that is gone', async () => {
    const folder = await tempFolder();
    const first = await start(folder);
    const { itemId } = await createItem(first.backend);
    const update = await fillItem(first.backend, itemId, filesOf(sample));
    const id = await fromItem(first.backend, itemId);
    await until(first.backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
    await first.backend.contentLibrary.updateSession.delete({ updateSessionId: update });
    await first.backend.contentLibrary.item.delete({ libraryItemId: itemId });
    await first.engine.close();
    await first.store.close();
    const { backend } = await start(folder);
    await backend.importSession.instantiate({ id, instantiationParameters: [accepted, named('app')] });
    await until(backend, id, 'IMPORT_COMPLETED');
  });

  test('is refused for an item that is unknown, empty or no package; a probe alike', async () => {
    const { backend } = await start();
    const empty = await createItem(backend);
    const iso = await createItem(backend, { type: 'iso' });
    await fillItem(backend, iso.itemId, filesOf(sample));
    await expect(fromItem(backend, 'nobody')).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect(fromItem(backend, empty.itemId)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    await expect(fromItem(backend, iso.itemId)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    const createSpec = { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: 'nobody' };
    const probe = backend.probeImportSession.createProbeImportSession({ createSpec });
    await expect(probe).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('can be probed', async () => {
    const { backend, itemId } = await startWithItem();
    const createSpec = { importFlags: [], sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: itemId };
    const id = await backend.probeImportSession.createProbeImportSession({ createSpec });
    await expect
      .poll(async () => (await backend.probeImportSession.get({ id })).state)
      .toBe('PROBE_IMPORT_SELECTING_OVF_PARAMS');
    await backend.probeImportSession.delete({ id });
    expect((await downloadItem(backend, itemId)).size).toBe(4);
  });
});

describe('an export to a library', () => {
  test('makes an item over the bytes of the machine, which outlives the machine', async () => {
    const { backend, libraryId, itemId, store } = await startWithItem();
    const vmId = await deployed(backend, itemId, 'vm');
    const blobs = async () => {
      const keys: string[] = [];
      for await (const key of store.blobs.keys('')) if (key.endsWith('.vmdk')) keys.push(key);
      return keys;
    };
    const before = await blobs();
    const createSpec = { targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: libraryId, name: 'golden' } as const;
    const info = await exported(backend, { source: { vmId }, createSpec: { ...createSpec, description: 'monthly' } });
    expect(info).toMatchObject({ state: 'EXPORT_COMPLETED', progress: 100 });
    expect(await blobs()).toEqual(before);
    const made = info.libraryItemId ?? '';
    expect(await backend.contentLibrary.item.get({ libraryItemId: made })).toMatchObject({
      name: 'golden',
      description: 'monthly',
      type: 'ovf',
    });
    await backend.inventory.vm.delete({ vm: vmId });
    await backend.contentLibrary.item.delete({ libraryItemId: itemId });
    const again = await deployed(backend, made, 'again');
    const disk = (await exportFiles(backend, { vmId: again })).get('again-disk-0.vmdk') ?? [];
    expect(Buffer.from(disk).equals(sample.disk.bytes)).toBe(true);
  });

  test('overwrites an item, whose old files go; a name that is taken ends it in EXPORT_ERROR', async () => {
    const { backend, libraryId, itemId } = await startWithItem();
    const vmId = await deployed(backend, itemId, 'vm');
    const createSpec = { targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: libraryId, name: 'app' } as const;
    const taken = await exported(backend, { source: { vmId }, createSpec });
    expect([taken.state, textOf(taken)]).toEqual(['EXPORT_ERROR', expect.stringContaining('ALREADY_EXISTS')]);
    const info = await exported(backend, {
      source: { vmId },
      createSpec: { ...createSpec, contentLibraryItem: itemId, name: 'other' },
    });
    expect(info).toMatchObject({ state: 'EXPORT_COMPLETED', libraryItemId: itemId });
    expect([...(await downloadItem(backend, itemId)).keys()].toSorted()).toEqual([
      'other-disk-0.vmdk',
      'other.mf',
      'other.ovf',
    ]);
  });

  test('is refused for a library or an item that is not there, or an item of another library', async () => {
    const { backend, libraryId, itemId } = await startWithItem();
    const vmId = await deployed(backend, itemId, 'vm');
    const other = await createItem(backend);
    const to = (spec: object) =>
      backend.exportSession.create({ source: { vmId }, createSpec: { targetType: 'CONTENT_LIBRARY_TARGET', ...spec } });
    await expect(to({ contentLibrary: 'nobody' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const unknown = { contentLibrary: libraryId, contentLibraryItem: 'nobody' };
    await expect(to(unknown)).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const foreign = { contentLibrary: libraryId, contentLibraryItem: other.itemId };
    await expect(to(foreign)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  });
});

describe('library_item', () => {
  test('tells what a package asks for', async () => {
    const { backend, itemId } = await startWithItem();
    const summary = await backend.libraryItem.filter({ ovfLibraryItemId: itemId, target });
    expect(summary).toMatchObject({ name: 'app', eulas: [sampleFacts.eula], networks: [sampleFacts.network] });
    const types = summary.additionalParams?.map(({ type }) => type) ?? [];
    expect(types).toContain('PropertyParams');
    expect(types).toContain('DeploymentOptionParams');
    expect(types).not.toContain('EulaParams');
    const german = await backend.libraryItem.filter({ ovfLibraryItemId: itemId, target }, { locale: 'de' });
    const label = findParams(german.additionalParams ?? [], 'PropertyParams')?.properties?.[0]?.label;
    expect(label).toBe('Hostname (de)');
    const unknown = backend.libraryItem.filter({ ovfLibraryItemId: itemId, target: { resourcePoolId: 'nobody' } });
    await expect(unknown).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  });

  test('deploys with what the spec chooses, once for one client token', async () => {
    const { backend, itemId } = await startWithItem();
    const [network] = await backend.inventory.network.list({});
    const input = {
      ovfLibraryItemId: itemId,
      clientToken: '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11',
      target,
      deploymentSpec: {
        name: 'large one',
        acceptAllEula: true,
        networkMappings: [{ key: sampleFacts.network, value: network?.network ?? '' }],
        storageProvisioning: 'thin',
        additionalParameters: [{ type: 'DeploymentOptionParams', selectedKey: 'large' } as const],
      },
    };
    const first = await backend.libraryItem.deploy(input);
    expect(first).toMatchObject({ succeeded: true, resourceId: { type: 'VirtualMachine' } });
    expect((await backend.libraryItem.deploy(input)).resourceId).toEqual(first.resourceId);
    const [vm, ...more] = await backend.inventory.vm.list({});
    expect([vm?.name, vm?.cpuCount, more.length]).toEqual(['large one', sampleFacts.options.large.cpuCount, 0]);
  });

  test('leaves no session to its caller, and keeps one only for a token, of which other services know nothing', async () => {
    const { backend, itemId, store } = await startWithItem();
    const clientToken = '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11';
    const deploymentSpec = { name: 'vm', acceptAllEula: true };
    const call = { ovfLibraryItemId: itemId, target, deploymentSpec };
    expect(
      await backend.libraryItem.deploy({ ...call, deploymentSpec: { ...deploymentSpec, name: 'one' } }),
    ).toMatchObject({
      succeeded: true,
    });
    expect(await store.sessions.imports.list({})).toEqual([]);
    expect(await backend.libraryItem.deploy({ ...call, clientToken })).toMatchObject({ succeeded: true });
    expect(await backend.importSession.list({})).toEqual([]);
    const createSpec = { sourceType: 'CONTENT_LIBRARY_SOURCE', contentLibraryItem: itemId };
    const input = { clientToken, resourcePool: target.resourcePoolId, createSpec };
    const own = await backend.importSession.createForResourcePool(input);
    await until(backend, own, 'IMPORT_SELECTING_OVF_PARAMS');
    expect((await backend.importSession.list({})).map(({ id }) => id)).toEqual([own]);
  });

  test.each([
    ['an unknown network', { networkMappings: [{ key: sampleFacts.network, value: 'network-0' }] }, 'network-0'],
    ['an unknown datastore', { defaultDatastoreId: 'datastore-0' }, 'datastore-0'],
    ['a licence that is not accepted', { acceptAllEula: false }, 'EULA'],
  ])('answers that it did not succeed for %s, and can be called again', async (_, change, text) => {
    const { backend, itemId } = await startWithItem();
    const clientToken = '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11';
    const call = (spec: object) =>
      backend.libraryItem.deploy({
        ...{ ovfLibraryItemId: itemId, clientToken, target },
        deploymentSpec: { name: 'vm', acceptAllEula: true, ...spec },
      });
    const refused = await call(change);
    expect([refused.succeeded, refused.resourceId]).toEqual([false, undefined]);
    expect(JSON.stringify(refused.error?.errors)).toMatch(new RegExp(text, 'i'));
    expect(await call({})).toMatchObject({ succeeded: true });
  });

  test('makes an item of a machine, or of another item anew, once for one client token', async () => {
    const { backend, libraryId, itemId } = await startWithItem();
    const vm = await deployed(backend, itemId, 'vm');
    const input = {
      clientToken: '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11',
      source: { type: 'VirtualMachine', id: vm },
      target: { libraryId },
      createSpec: { name: 'made', description: 'by hand', flags: ['PRESERVE_MAC'] },
    };
    const { succeeded, ovfLibraryItemId = '' } = await backend.libraryItem.create(input);
    expect(succeeded).toBe(true);
    expect(await backend.libraryItem.create(input)).toEqual({ succeeded, ovfLibraryItemId });
    const { clientToken: _, ...anew } = input;
    const overwritten = await backend.libraryItem.create({ ...anew, target: { libraryItemId: ovfLibraryItemId } });
    expect(overwritten).toEqual({ succeeded, ovfLibraryItemId });
    expect(await backend.contentLibrary.item.get({ libraryItemId: ovfLibraryItemId })).toMatchObject({
      contentVersion: '2',
    });
    const taken = await backend.libraryItem.create(anew);
    expect([taken.succeeded, JSON.stringify(taken.error)]).toEqual([false, expect.stringContaining('ALREADY_EXISTS')]);
    const wrong = backend.libraryItem.create({ ...anew, source: { type: 'HostSystem', id: 'host-1' } });
    await expect(wrong).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  });
});
