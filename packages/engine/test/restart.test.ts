import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { breakingOff, collect, sampleOva, samplePackage } from '@ovfkit/conformance';
import type { Inventory } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { findGarbage } from '../src/index.ts';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { accepted, createImport, exportFiles, pieces, push, send, until } from './support/session.ts';

const sample = samplePackage({ name: 'restarted' });
const { descriptor, disk, manifest } = sample;

/** Stops an engine and its store, as a server does that is stopped. */
const stop = async ({ engine, store }: Awaited<ReturnType<typeof startEngine>>) => {
  await engine.close();
  await store.close();
};

test('an upload goes on after a restart from what was kept, and its digest is right', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const id = await createImport(before, { ...push, pushSourceOvfOption: 'MANIFEST' });
  await send(before, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(before, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await before.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await send(before, { id, name: 'descriptor.mf', bytes: manifest.bytes });
  const file = (await before.importSession.get({ id })).files.find(({ name }) => name === disk.name);
  const address = { kind: 'import', sessionId: id, file: file ?? expect.fail('no disk') } as const;
  const broken = breakingOff(new Error('gone'), disk.bytes.subarray(0, 50_000));
  const upload = { ...address, offset: 0, size: disk.bytes.length };
  await expect(before.files.upload({ ...upload, bytes: broken })).rejects.toThrow('gone');
  await stop(first);

  const second = await startEngine({ folder });
  const after = second.engine.backendFor(admin);
  expect(await after.files.uploadState(address)).toEqual({ offset: 50_000, isComplete: false });
  const seen = (await after.importSession.get({ id })).files.find(({ name }) => name === disk.name);
  expect(seen?.bytesTransferred).toBe(50_000);
  await after.files.upload({ ...upload, offset: 50_000, bytes: pieces(disk.bytes.subarray(50_000)) });
  const { vmId } = await until(after, id, 'IMPORT_COMPLETED');
  expect((await exportFiles(after, { vmId })).get('restarted-disk-0.vmdk')).toEqual(disk.bytes);
  expect(second.faults).toEqual([]);
});

test('an upload under way when the engine closes is broken off and keeps what arrived', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const id = await createImport(before, push);
  const [file] = (await before.importSession.get({ id })).files;
  const address = { kind: 'import', sessionId: id, file: file ?? expect.fail('no descriptor') } as const;
  let isTaken = false;
  async function* silent() {
    yield descriptor.bytes.subarray(0, 100);
    isTaken = true;
    await new Promise(() => {});
  }
  const upload = before.files.upload({ ...address, offset: 0, size: descriptor.bytes.length, bytes: silent() });
  const refusal = expect(upload).rejects.toMatchObject({ kind: 'SERVICE_UNAVAILABLE' });
  await expect.poll(() => isTaken).toBe(true);
  await stop(first);
  await refusal;
  const second = await startEngine({ folder });
  const after = second.engine.backendFor(admin);
  expect(await after.files.uploadState(address)).toEqual({ offset: 100, isComplete: false });
});

test('a file whose last byte was kept right before a crash is completed by going on at its end', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const file = files.find(({ name }) => name === disk.name) ?? expect.fail('no disk');
  // as a crash leaves it that comes after the seal and before the session is told
  await store.blobs.append(`import/${id}/${disk.name}`, 0, pieces(disk.bytes));
  await store.blobs.seal(`import/${id}/${disk.name}`, createHash('sha256').update(disk.bytes).digest('hex'));
  const address = { kind: 'import', sessionId: id, file } as const;
  const { offset } = await backend.files.uploadState(address);
  expect(offset).toBe(disk.bytes.length);
  const state = await backend.files.upload({ ...address, offset, size: offset, bytes: pieces(new Uint8Array()) });
  expect(state.isComplete).toBe(true);
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { vmId } = await until(backend, id, 'IMPORT_COMPLETED');
  expect((await exportFiles(backend, { vmId })).get('restarted-disk-0.vmdk')).toEqual(disk.bytes);
});

test('a part of an archive starts anew after a restart', async () => {
  const folder = await tempFolder();
  const ova = sampleOva(sample);
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const id = await createImport(before, { ...push, pushSourceContentType: 'OVA_SOURCE' });
  await send(before, { id, name: 'descriptor.ova', bytes: ova });
  const { files } = await until(before, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const file = files.find(({ name }) => name === 'disk-content.ova') ?? expect.fail('no disk part');
  const address = { kind: 'import', sessionId: id, file } as const;
  const broken = breakingOff(new Error('gone'), ova.subarray(0, 60_000));
  await expect(before.files.upload({ ...address, offset: 0, bytes: broken })).rejects.toThrow('gone');
  await stop(first);
  const second = await startEngine({ folder });
  const after = second.engine.backendFor(admin);
  expect(await after.files.uploadState(address)).toEqual({ offset: 0, isComplete: false });
  await after.files.upload({ ...address, offset: 0, size: ova.length, bytes: pieces(ova) });
  await after.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { vmId } = await until(after, id, 'IMPORT_COMPLETED');
  expect((await exportFiles(after, { vmId })).get('restarted-disk-0.vmdk')).toEqual(disk.bytes);
});

test('a descriptor that was complete when the engine stopped is parsed by the next', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const id = await createImport(before, push);
  await send(before, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await stop(first);
  const { engine } = await startEngine({ folder });
  await until(engine.backendFor(admin), id, 'IMPORT_SELECTING_OVF_PARAMS');
});

test('an entity is made once, also when the engine stopped right after the inventory made it', async () => {
  const folder = await tempFolder();
  // resolves only when the engine stops: the inventory has the entity then, and the session does not know
  const wrapInventory = (inventory: Inventory): Inventory => ({
    ...inventory,
    async create(request, options) {
      await inventory.create(request, options);
      const { signal } = options ?? {};
      await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
      throw signal?.reason;
    },
  });
  const first = await startEngine({ folder, wrapInventory });
  const before = first.engine.backendFor(admin);
  const id = await createImport(before, push);
  await send(before, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(before, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(before, { id, name: disk.name, bytes: disk.bytes });
  await before.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await expect.poll(async () => (await before.inventory.vm.list({})).length).toBe(1);
  const [made] = await before.inventory.vm.list({});
  expect((await before.importSession.get({ id })).state).toBe('IMPORT_INSTANTIATING');
  await stop(first);
  const second = await startEngine({ folder });
  const after = second.engine.backendFor(admin);
  const { vmId } = await until(after, id, 'IMPORT_COMPLETED');
  expect(vmId).toBe(made?.vm);
  expect(await after.inventory.vm.list({})).toHaveLength(1);
  expect((await exportFiles(after, { vmId })).get('restarted-disk-0.vmdk')).toEqual(disk.bytes);
});

test('an import that is deleted while its entity is made leaves no entity, also when a crash comes before the deletion is done', async () => {
  const folder = await tempFolder();
  let letGo = () => {};
  const isLetGo = new Promise<void>((resolve) => (letGo = () => resolve()));
  const wrapInventory = (inventory: Inventory): Inventory => ({
    ...inventory,
    async create(request) {
      const ref = await inventory.create(request);
      await isLetGo;
      return ref;
    },
  });
  const { engine } = await startEngine({ folder, wrapInventory });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await expect.poll(() => backend.inventory.vm.list({})).toHaveLength(1);
  const deletion = backend.importSession.delete({ id });
  const stateOf = async () => (await backend.importSession.get({ id })).state;
  await expect.poll(stateOf).toBe('IMPORT_ERROR');
  // the folder as a crash leaves it now
  const copy = join(await tempFolder(), 'copy');
  await cp(folder, copy, { recursive: true });
  letGo();
  await deletion;
  const crashed = await startEngine({ folder: copy });
  const after = crashed.engine.backendFor(admin);
  for (const each of [backend, after]) {
    await expect.poll(() => each.inventory.vm.list({})).toEqual([]);
    await expect(each.importSession.delete({ id })).resolves.toBeUndefined();
    expect(await each.importSession.list({})).toEqual([]);
  }
  await crashed.engine.close();
  expect(await findGarbage(crashed.store)).toEqual({ orphans: [], missing: [] });
});

test('a download of an archive has the same bytes and validator after a restart', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const importId = await createImport(before, push);
  await send(before, { id: importId, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(before, importId, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(before, { id: importId, name: disk.name, bytes: disk.bytes });
  await before.importSession.instantiate({ id: importId, instantiationParameters: [accepted] });
  const { vmId = '' } = await until(before, importId, 'IMPORT_COMPLETED');
  const createSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVA_TARGET' } as const;
  const sessionId = await before.exportSession.create({ source: { vmId }, createSpec: { ...createSpec } });
  await expect.poll(async () => (await before.exportSession.get({ id: sessionId })).state).toBe('EXPORT_READY');
  const [file] = (await before.exportSession.get({ id: sessionId })).files;
  const address = { kind: 'export', sessionId, file: file ?? expect.fail('no archive') } as const;
  const one = await before.files.download(address);
  const whole = await collect(one.bytes);
  await stop(first);
  const second = await startEngine({ folder });
  const after = second.engine.backendFor(admin);
  const two = await after.files.download({ ...address, range: { start: 1000, end: whole.length } });
  expect(two.etag).toBe(one.etag);
  expect(await collect(two.bytes)).toEqual(whole.subarray(1000));
});

test('bytes of sessions that are gone are cleared away by the next start', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  await first.store.blobs.append('import/no-such-session/disk.vmdk', 0, pieces(disk.bytes));
  await stop(first);
  const second = await startEngine({ folder });
  const keys: string[] = [];
  for await (const key of second.store.blobs.keys('')) keys.push(key);
  expect(keys).toEqual([]);
});
