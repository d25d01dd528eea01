import { createHash } from 'node:crypto';
import { type SamplePackage, samplePackage } from '@ovfkit/conformance';
import type { SessionBackend, UpdateFileSpec } from '@ovfkit/domain';
import type { LocalStore } from '@ovfkit/store-local';
import { expect, test } from 'vitest';
import { findGarbage } from '../src/index.ts';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { beginUpdate, createItem, downloadItem, filesOf, fillItem, pushFile } from './support/library.ts';
import { accepted, createImport, exportFiles, named, pieces, push, send, until } from './support/session.ts';

const sample = samplePackage({ name: 'shared' });
const { disk } = sample;
const sha256 = createHash('sha256').update(disk.bytes).digest('hex');
const known = { size: disk.bytes.length, sha256 };
const anna = { user: 'anna', isAdmin: false } as const;
const bert = { user: 'bert', isAdmin: false } as const;

const keysOf = async ({ blobs }: LocalStore): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const key of blobs.keys('')) keys.push(key);
  return keys;
};

/** How many blobs hold the bytes of the disk. */
const copies = async (store: LocalStore): Promise<number> => {
  const sizes = await Promise.all((await keysOf(store)).map((key) => store.blobs.size(key)));
  return sizes.filter((size) => size === disk.bytes.length).length;
};

/** An import that waits for its disk. */
async function waiting(backend: SessionBackend, { descriptor: file }: Pick<SamplePackage, 'descriptor'> = sample) {
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: file.bytes });
  const { files } = await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  const entry = files.find(({ fileType }) => fileType === 'DISK') ?? expect.fail('no disk');
  return { id, address: { kind: 'import', sessionId: id, file: entry } as const };
}

async function finish(backend: SessionBackend, id: string): Promise<string> {
  await backend.importSession.instantiate({ id, instantiationParameters: [accepted] });
  const { vmId = '' } = await until(backend, id, 'IMPORT_COMPLETED');
  return vmId;
}

async function imported(backend: SessionBackend, name: string): Promise<string> {
  const own = samplePackage({ name });
  const { id } = await waiting(backend, own);
  await send(backend, { id, name: own.disk.name, bytes: disk.bytes });
  return finish(backend, id);
}

const bytesOf = async (backend: SessionBackend, vmId: string): Promise<Uint8Array> => {
  const files = await exportFiles(backend, { vmId });
  return [...files].find(([name]) => name.endsWith('.vmdk'))?.[1] ?? expect.fail('no disk');
};

test('bytes that come a second time are kept once, and are there until the last machine that needs them is gone', async () => {
  const { engine, store, faults } = await startEngine();
  const backend = engine.backendFor(admin);
  const first = await imported(backend, 'one');
  const second = await imported(backend, 'two');
  expect(await copies(store)).toBe(1);
  await backend.inventory.vm.delete({ vm: first });
  expect(Buffer.from(await bytesOf(backend, second)).equals(disk.bytes)).toBe(true);
  await backend.inventory.vm.delete({ vm: second });
  expect(await copies(store)).toBe(0);
  expect(faults).toEqual([]);
});

test('bytes that come twice in the same moment are kept once', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const sessions = [await waiting(backend), await waiting(backend), await waiting(backend)];
  await Promise.all(sessions.map(({ id }) => send(backend, { id, name: disk.name, bytes: disk.bytes })));
  expect(await copies(store)).toBe(1);
});

test.each(['stays', 'is deleted'])(
  'an import keeps what came for it when another of the same package ends first, and its machine %s',
  async (then) => {
    const { engine, store, faults } = await startEngine();
    const backend = engine.backendFor(admin);
    const [slow, quick] = [await waiting(backend), await waiting(backend)];
    await send(backend, { id: slow.id, name: disk.name, bytes: disk.bytes });
    await send(backend, { id: quick.id, name: disk.name, bytes: disk.bytes });
    await backend.importSession.instantiate({ id: quick.id, instantiationParameters: [accepted, named('other')] });
    const { vmId: vm = '' } = await until(backend, quick.id, 'IMPORT_COMPLETED');
    await backend.importSession.delete({ id: quick.id });
    if (then === 'is deleted') await backend.inventory.vm.delete({ vm });
    const made = await finish(backend, slow.id);
    expect(Buffer.from(await bytesOf(backend, made)).equals(disk.bytes)).toBe(true);
    expect(await copies(store)).toBe(1);
    expect(faults).toEqual([]);
  },
);

/** A file of an update session of a new item, and what the session says of it once its digest was told. */
async function announced(backend: SessionBackend, spec: Partial<UpdateFileSpec> = {}) {
  const { itemId } = await createItem(backend, { type: 'other' });
  const updateSessionId = await beginUpdate(backend, itemId);
  const { updateSession, updateSessionFile } = backend.contentLibrary;
  const fileSpec = { name: disk.name, sourceType: 'PUSH', ...spec };
  const file = await updateSessionFile.add({ updateSessionId, fileSpec });
  const address = { kind: 'update', sessionId: updateSessionId, file: { name: file.name } } as const;
  const state = await backend.files.uploadState({ ...address, known });
  return { itemId, state, address, complete: () => updateSession.complete({ updateSessionId }) };
}

test('a file of a library item whose bytes a machine has is complete without a byte when its digest is told', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const vm = await imported(backend, 'one');
  const { itemId, state, complete } = await announced(backend);
  expect(state).toEqual({ offset: known.size, isComplete: true });
  await complete();
  expect(await copies(store)).toBe(1);
  await backend.inventory.vm.delete({ vm });
  expect(Buffer.from((await downloadItem(backend, itemId)).get(disk.name) ?? []).equals(disk.bytes)).toBe(true);
});

test.each(['MD5', 'SHA1', 'SHA512'])('and so it is when it was announced with a checksum of %s', async (algorithm) => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  await imported(backend, 'one');
  const checksum = createHash(algorithm.toLowerCase()).update(disk.bytes).digest('hex');
  const { state, complete } = await announced(backend, { checksumInfo: { algorithm, checksum } });
  expect(state).toEqual({ offset: known.size, isComplete: true });
  await complete();
  expect(await copies(store)).toBe(1);
});

test('a checksum that is not of the bytes the digest stands for is a fault of the file', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  await imported(backend, 'one');
  const checksumInfo = { algorithm: 'SHA1', checksum: '0'.repeat(40) };
  const { address } = await announced(backend, { checksumInfo });
  const { updateSessionFile } = backend.contentLibrary;
  const spec = { updateSessionId: address.sessionId, fileName: disk.name };
  expect(await updateSessionFile.get(spec)).toMatchObject({ status: 'ERROR' });
});

test('a file of a library item that is not taken by its digest, without dedup, is sent', async () => {
  const apart = (await startEngine({ dedup: false })).engine.backendFor(admin);
  await imported(apart, 'one');
  expect((await announced(apart)).state).toEqual({ offset: 0, isComplete: false });
});

test('a file whose bytes a machine has is complete without a byte when its digest is told', async () => {
  const { engine, store } = await startEngine();
  await imported(engine.backendFor(anna), 'one');
  const backend = engine.backendFor(bert);
  const { id, address } = await waiting(backend, samplePackage({ name: 'two' }));
  expect(await backend.files.uploadState(address)).toEqual({ offset: 0, isComplete: false });
  expect(await backend.files.uploadState({ ...address, known })).toEqual({ offset: known.size, isComplete: true });
  const vmId = await finish(backend, id);
  expect(Buffer.from(await bytesOf(backend, vmId)).equals(disk.bytes)).toBe(true);
  expect(await copies(store)).toBe(1);
});

test('another size or another digest completes nothing, and leaves what came', async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  await imported(backend, 'one');
  const { address } = await waiting(backend);
  for (const wrong of [
    { ...known, size: known.size - 1 },
    { ...known, sha256: '0'.repeat(64) },
  ])
    expect(await backend.files.uploadState({ ...address, known: wrong })).toEqual({ offset: 0, isComplete: false });
});

test('who tells the size alone is asked for the digest where bytes of that size are', async () => {
  const { engine } = await startEngine();
  await imported(engine.backendFor(anna), 'one');
  const backend = engine.backendFor(bert);
  const { address } = await waiting(backend);
  const { size } = known;
  const state = { offset: 0, isComplete: false };
  expect(await backend.files.uploadState({ ...address, known: { size } })).toEqual({ ...state, isDigestWanted: true });
  const other = { size: size + 1 };
  expect(await backend.files.uploadState({ ...address, known: other })).toEqual({ ...state, isDigestWanted: false });
});

test('what another user has only in a session is neither told nor given to one who knows its digest', async () => {
  const { engine, store } = await startEngine();
  const own = engine.backendFor(anna);
  const { id } = await waiting(own);
  await send(own, { id, name: disk.name, bytes: disk.bytes });
  const other = engine.backendFor(bert);
  const { address } = await waiting(other);
  expect(await other.files.uploadState({ ...address, known })).toEqual({ offset: 0, isComplete: false });
  expect((await other.files.uploadState({ ...address, known: { size: known.size } })).isDigestWanted).toBe(false);
  const again = await waiting(own);
  expect((await own.files.uploadState({ ...again.address, known })).isComplete).toBe(true);
  // of whoever sends the bytes all the same they are kept once
  await send(other, { id: address.sessionId, name: disk.name, bytes: disk.bytes });
  expect(await copies(store)).toBe(1);
});

test('a session lives on with bytes of another that is deleted, over a restart too, and takes them along', async () => {
  const folder = await tempFolder();
  const first = await startEngine({ folder });
  const before = first.engine.backendFor(admin);
  const source = await waiting(before);
  await send(before, { id: source.id, name: disk.name, bytes: disk.bytes });
  const { id, address } = await waiting(before);
  expect((await before.files.uploadState({ ...address, known })).isComplete).toBe(true);
  await first.engine.close();
  await first.store.close();
  const { engine, store } = await startEngine({ folder });
  const after = engine.backendFor(admin);
  await after.importSession.delete({ id: source.id });
  expect(await copies(store)).toBe(1);
  const vmId = await finish(after, id);
  expect(Buffer.from(await bytesOf(after, vmId)).equals(disk.bytes)).toBe(true);
  await after.importSession.delete({ id });
  await after.inventory.vm.delete({ vm: vmId });
  expect(await copies(store)).toBe(0);
});

test('a file that was begun is completed by its digest, and what had come of it goes', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  await imported(backend, 'one');
  const { address } = await waiting(backend);
  const part = (async function* () {
    yield disk.bytes.subarray(0, 1000);
  })();
  await backend.files.upload({ ...address, offset: 0, size: disk.bytes.length, bytes: part });
  expect((await backend.files.uploadState({ ...address, known })).isComplete).toBe(true);
  const sizes = await Promise.all((await keysOf(store)).map((key) => store.blobs.size(key)));
  expect(sizes).not.toContain(1000);
});

test('files of library items share their bytes with machines, and what an update takes back stays with the others', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const vmId = await imported(backend, 'one');
  const { itemId } = await createItem(backend);
  await fillItem(backend, itemId, filesOf(sample));
  expect(await copies(store)).toBe(1);
  const { itemId: other } = await createItem(backend, { name: 'other', type: 'iso' });
  const updateSessionId = await beginUpdate(backend, other);
  await pushFile(backend, { id: updateSessionId, file: disk });
  await backend.contentLibrary.updateSessionFile.remove({ updateSessionId, fileName: disk.name });
  await backend.inventory.vm.delete({ vm: vmId });
  expect(await copies(store)).toBe(1);
  expect(Buffer.from((await downloadItem(backend, itemId)).get(disk.name) ?? []).equals(disk.bytes)).toBe(true);
});

test('without it every file has its own bytes, and no digest completes one', async () => {
  const { engine, store } = await startEngine({ dedup: false });
  const backend = engine.backendFor(admin);
  await imported(backend, 'one');
  const { address } = await waiting(backend);
  expect((await backend.files.uploadState({ ...address, known })).isComplete).toBe(false);
  expect((await backend.files.uploadState({ ...address, known: { size: known.size } })).isDigestWanted).toBe(false);
  await imported(backend, 'two');
  expect(await copies(store)).toBe(2);
});

test('nothing is garbage while it is needed, and what is not or is lacking is found', async () => {
  const { engine, store } = await startEngine();
  const backend = engine.backendFor(admin);
  const vmId = await imported(backend, 'one');
  const { id } = await waiting(backend);
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  expect(await findGarbage(store)).toEqual({ orphans: [], missing: [] });
  await store.blobs.append('import/gone/disk.vmdk', 0, pieces(Buffer.from('x')));
  const { disks } =
    (await store.inventory.describe({ type: 'VirtualMachine', id: vmId })).vms[0] ?? expect.fail('none');
  const key = disks[0]?.file?.blob ?? expect.fail('no blob');
  await store.blobs.delete(key);
  expect(await findGarbage(store)).toEqual({
    orphans: ['import/gone/disk.vmdk'],
    missing: [
      { key, neededBy: `import session ${id}` }, // which borrowed it
      { key, neededBy: `virtual machine ${vmId}` },
    ],
  });
});
