import { setTimeout as sleep } from 'node:timers/promises';
import { noise, sampleOva, samplePackage } from '@ovfkit/conformance';
import { expect, test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';
import { beginUpdate, createItem } from './support/library.ts';
import { accepted, createImport, pieces, push, send, until } from './support/session.ts';

const { descriptor, disk } = samplePackage({ name: 'lived' });
const alice = { user: 'alice', isAdmin: false } as const;
const bob = { user: 'bob', isAdmin: false } as const;

test('a session of another owner is not found, and an administrator sees it', async () => {
  const { engine } = await startEngine();
  const id = await createImport(engine.backendFor(alice), push);
  const other = engine.backendFor(bob);
  await expect(other.importSession.get({ id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  await other.importSession.delete({ id });
  expect(await other.importSession.list({})).toEqual([]);
  const upload = send(engine.backendFor(bob), { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await expect(upload).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  expect((await engine.backendFor(alice).importSession.get({ id })).state).toBe('IMPORT_OVF_TRANSFER');
  expect((await engine.backendFor(admin).importSession.list({})).map((each) => each.id)).toEqual([id]);
});

test('two owners may use one client token for sessions of their own', async () => {
  const { engine } = await startEngine();
  const request = { resourcePool: 'resgroup-8', clientToken: crypto.randomUUID(), createSpec: push };
  const first = await engine.backendFor(alice).importSession.createForResourcePool(request);
  const second = await engine.backendFor(bob).importSession.createForResourcePool(request);
  expect(second).not.toBe(first);
});

test('the token of a session whose time is over makes a new one, before anybody swept the old one away', async () => {
  let now = Date.now();
  const { engine, store } = await startEngine({ clock: () => now });
  const { importSession } = engine.backendFor(alice);
  const request = { resourcePool: 'resgroup-8', clientToken: crypto.randomUUID(), createSpec: push };
  const first = await importSession.createForResourcePool(request);
  now += 299_000;
  expect(await importSession.createForResourcePool(request)).toBe(first);
  now += 299_000; // asked for again it was used
  expect((await importSession.get({ id: first })).state).toBe('IMPORT_OVF_TRANSFER');
  now += 301_000;
  expect(await store.sessions.imports.get(first)).toBeDefined();
  const second = await importSession.createForResourcePool(request);
  expect(second).not.toBe(first);
  expect((await importSession.get({ id: second })).state).toBe('IMPORT_OVF_TRANSFER');
});

test('an idle session is gone after its time, with its bytes; one that is used lives on', async () => {
  const { engine, store } = await startEngine({ idleTimeoutMs: 1000 });
  const backend = engine.backendFor(admin);
  const idle = await createImport(backend, push);
  const used = await createImport(backend, push);
  await send(backend, { id: idle, name: 'descriptor.ovf', bytes: descriptor.bytes });
  const end = Date.now() + 2500;
  while (Date.now() < end) {
    await backend.importSession.get({ id: used });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await expect(backend.importSession.get({ id: idle })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  expect((await backend.importSession.get({ id: used })).state).toBe('IMPORT_OVF_TRANSFER');
  await backend.importSession.delete({ id: idle });
  const keys: string[] = [];
  for await (const key of store.blobs.keys('')) keys.push(key);
  expect(keys.filter((key) => key.includes(idle))).toEqual([]);
});

test('bytes that arrive slowly keep their session alive', async () => {
  const { engine } = await startEngine({ idleTimeoutMs: 1000 });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const [file] = (await backend.importSession.get({ id })).files;
  async function* slow() {
    for await (const piece of pieces(descriptor.bytes, Math.ceil(descriptor.bytes.length / 10))) {
      yield piece;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  const upload = { kind: 'import', sessionId: id, file: file ?? expect.fail('no file'), offset: 0 } as const;
  await backend.files.upload({ ...upload, size: descriptor.bytes.length, bytes: slow() });
  expect((await backend.importSession.get({ id })).state).not.toBe('IMPORT_ERROR');
});

test('a finished session is gone after its own time, and what it made stays, bytes and all', async () => {
  const { engine, store } = await startEngine({ terminalTimeoutMs: 150 });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  await new Promise((resolve) => setTimeout(resolve, 400));
  await expect(backend.importSession.get({ id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  const keys = async () => {
    const all: string[] = [];
    for await (const key of store.blobs.keys('')) all.push(key);
    return all;
  };
  expect(await keys()).toEqual([`import/${id}/${disk.name}`]);
  await backend.inventory.vm.delete({ vm: vmId });
  expect(await keys()).toEqual([]);
});

test('deleting a session ends an upload that waits for its next byte', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const [file] = (await backend.importSession.get({ id })).files;
  async function* silent() {
    yield descriptor.bytes.subarray(0, 10);
    await new Promise(() => {});
  }
  const upload = { kind: 'import', sessionId: id, file: file ?? expect.fail('no file'), offset: 0 } as const;
  const refusal = expect(backend.files.upload({ ...upload, bytes: silent() })).rejects.toMatchObject({
    kind: 'NOT_FOUND',
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await backend.importSession.delete({ id });
  await refusal;
  const keys: string[] = [];
  for await (const key of store.blobs.keys('')) keys.push(key);
  expect(keys).toEqual([]);
});

test('a second upload of a file that is being uploaded is refused', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const [file] = (await backend.importSession.get({ id })).files;
  const address = { kind: 'import', sessionId: id, file: file ?? expect.fail('no file'), offset: 0 } as const;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* waiting() {
    yield descriptor.bytes.subarray(0, 10);
    await gate;
    yield descriptor.bytes.subarray(10);
  }
  const first = backend.files.upload({ ...address, size: descriptor.bytes.length, bytes: waiting() });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const second = backend.files.upload({ ...address, bytes: pieces(descriptor.bytes) });
  await expect(second).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
  open();
  expect((await first).isComplete).toBe(true);
});

test('a complete file is not written again, and a repetition of the same bytes is told so without reading', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const file = files[0] ?? expect.fail('no file');
  const size = descriptor.bytes.length;
  const untouched = {
    [Symbol.asyncIterator]: () => expect.fail('the bytes were read'),
  };
  const again = { kind: 'import', sessionId: id, file, offset: 0, size, bytes: untouched } as const;
  const { sha256 = '' } = file;
  expect(await backend.files.upload({ ...again, sha256 })).toEqual({ offset: size, isComplete: true });
  await expect(backend.files.upload(again)).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
  expect(await backend.files.uploadState(again)).toEqual({ offset: size, isComplete: true });
});

test('more bytes than announced are refused', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  const [file] = (await backend.importSession.get({ id })).files;
  const upload = { kind: 'import', sessionId: id, file: file ?? expect.fail('no file'), offset: 0, size: 10 } as const;
  await expect(backend.files.upload({ ...upload, bytes: pieces(descriptor.bytes) })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
  });
  expect((await backend.importSession.get({ id })).files[0]?.sha256).toBe('');
});

test('an archive without a descriptor, and one that is damaged, end the session with the reason', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const ova = sampleOva(samplePackage({ name: 'lived' }));
  const damaged = ova.slice();
  damaged[3] = 255 - (damaged[3] ?? 0);
  for (const [bytes, code] of [
    [damaged, 'tar_checksum'],
    [new Uint8Array(10_240), 'descriptor_missing'],
    [ova.subarray(0, 700), 'truncated'],
  ] as const) {
    const id = await createImport(backend, { ...push, pushSourceContentType: 'OVA_SOURCE' });
    await send(backend, { id, name: 'descriptor.ova', bytes });
    const { errors } = await until(backend, id, 'IMPORT_ERROR');
    expect(JSON.stringify(errors)).toContain(code);
  }
});

test('the GUID of another server is refused', async () => {
  const { engine } = await startEngine();
  const { capability } = engine.backendFor(admin);
  expect(await capability.get({ serverGuid: engine.serverGuid })).toEqual({ importOva: true, exportOva: true });
  await expect(capability.get({ serverGuid: 'other' })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
});

test('an export that is read slowly lives on', async () => {
  const idleTimeoutMs = 400;
  const { engine } = await startEngine({ idleTimeoutMs });
  const backend = engine.backendFor(admin);
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  const createSpec = { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVA_TARGET' } as const;
  const sessionId = await backend.exportSession.create({ source: { vmId }, createSpec });
  const get = () => backend.exportSession.get({ id: sessionId });
  await expect.poll(async () => (await get()).state).toBe('EXPORT_READY');
  const [file] = (await get()).files;
  const { bytes, size } = await backend.files.download({ kind: 'export', sessionId, file: file ?? expect.fail() });
  let came = 0;
  let chunks = 0;
  for await (const chunk of bytes) {
    came += chunk.length;
    chunks += 1;
    await sleep(idleTimeoutMs * 0.7);
  }
  expect(came).toBe(size);
  expect(chunks).toBeGreaterThan(3);
  expect((await get()).state).not.toBe('EXPORT_ERROR');
});

test('sessions of a library live on while their bytes move, however slowly', async () => {
  const idleTimeoutMs = 400;
  const content = noise(6 * 1024 ** 2);
  const { engine } = await startEngine({ idleTimeoutMs });
  const backend = engine.backendFor(admin);
  async function* slowly(bytes: Uint8Array) {
    const step = Math.ceil(bytes.length / 12);
    for (let at = 0; at < bytes.length; at += step) {
      await sleep(idleTimeoutMs / 4);
      yield bytes.subarray(at, at + step);
    }
  }
  const { itemId } = await createItem(backend, { type: 'other' });
  const updateSessionId = await beginUpdate(backend, itemId);
  const { updateSession, updateSessionFile, downloadSession, downloadSessionFile } = backend.contentLibrary;
  await updateSessionFile.add({ updateSessionId, fileSpec: { name: 'big.bin', sourceType: 'PUSH' } });
  const file = { name: 'big.bin' };
  const upload = { kind: 'update', sessionId: updateSessionId, file, offset: 0, size: content.length } as const;
  await backend.files.upload({ ...upload, bytes: slowly(content) });
  await updateSession.complete({ updateSessionId });
  const downloadSessionId = await downloadSession.create({ createSpec: { libraryItemId: itemId } });
  await downloadSessionFile.prepare({ downloadSessionId, fileName: 'big.bin' });
  const { bytes } = await backend.files.download({ kind: 'download', sessionId: downloadSessionId, file });
  const got: Uint8Array[] = [];
  for await (const part of bytes) {
    got.push(Uint8Array.from(part));
    await sleep(idleTimeoutMs / 2);
  }
  expect(Buffer.concat(got).equals(content)).toBe(true);
  expect(got.length).toBeGreaterThan(3);
  expect((await downloadSession.get({ downloadSessionId })).state).toBe('ACTIVE');
});
