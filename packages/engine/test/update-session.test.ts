import { describe, expect, test } from 'vitest';
import { keysOf, namesOf, ova, sample, start } from './support/content-library.ts';
import { admin, startEngine, tempFolder } from './support/engine.ts';
import { serveFiles } from './support/file-server.ts';
import { httpPullSource } from './support/http-pull-source.ts';
import { beginUpdate, createItem, downloadItem, filesOf, fillItem, pushFile } from './support/library.ts';
import { pieces } from './support/session.ts';

describe('an update session', () => {
  test('changes the item when it is completed, and not before', async () => {
    const { backend, library } = await start();
    const { itemId } = await createItem(backend);
    const id = await beginUpdate(backend, itemId);
    for (const file of filesOf(sample)) await pushFile(backend, { id, file });
    expect(await namesOf(backend, itemId)).toEqual([]);
    await library.updateSession.complete({ updateSessionId: id });
    expect(await library.updateSession.get({ updateSessionId: id })).toMatchObject({ state: 'DONE' });
    expect(await namesOf(backend, itemId)).toEqual(['app-disk1.vmdk', 'app.mf', 'app.ovf']);
    expect(await library.item.get({ libraryItemId: itemId })).toMatchObject({ contentVersion: '2', version: '2' });
    const got = await downloadItem(backend, itemId);
    for (const { name, bytes } of filesOf(sample)) expect(Buffer.from(got.get(name) ?? []).equals(bytes)).toBe(true);
  });

  test('lists what the descriptor names until it is announced, and is not completed without it', async () => {
    const { backend, library } = await start();
    const { itemId } = await createItem(backend);
    const id = await beginUpdate(backend, itemId);
    await pushFile(backend, { id, file: sample.descriptor });
    expect(await library.updateSessionFile.get({ updateSessionId: id, fileName: sample.disk.name })).toMatchObject({
      sourceType: 'NONE',
      status: 'WAITING_FOR_TRANSFER',
    });
    expect(await library.updateSessionFile.validate({ updateSessionId: id })).toMatchObject({
      hasErrors: true,
      missingFiles: [sample.disk.name],
    });
    await expect(library.updateSession.complete({ updateSessionId: id })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
    });
    await pushFile(backend, { id, file: sample.disk });
    expect(await library.updateSessionFile.validate({ updateSessionId: id })).toMatchObject({ hasErrors: false });
    await library.updateSession.complete({ updateSessionId: id });
  });

  test.each(['descriptor', 'disk'])(
    'knows a file by the name that the descriptor has encoded: the %s comes first',
    async (first) => {
      const { backend, library } = await start();
      const { itemId } = await createItem(backend);
      const id = await beginUpdate(backend, itemId);
      const text = Buffer.from(sample.descriptor.bytes).toString().replaceAll(sample.disk.name, 'a%20b.vmdk');
      const descriptor = { ...sample.descriptor, bytes: Buffer.from(text) };
      const disk = { ...sample.disk, name: 'a b.vmdk' };
      for (const file of first === 'disk' ? [disk, descriptor] : [descriptor, disk])
        await pushFile(backend, { id, file });
      const files = await library.updateSessionFile.list({ updateSessionId: id });
      expect(files.map(({ name }) => name).toSorted()).toEqual(['a b.vmdk', sample.descriptor.name]);
      await library.updateSession.complete({ updateSessionId: id });
      const got = (await downloadItem(backend, itemId)).get('a b.vmdk');
      expect(Buffer.from(got ?? []).equals(sample.disk.bytes)).toBe(true);
    },
  );

  test('takes a manifest before the descriptor only, and ends in ERROR when a digest is another', async () => {
    const { backend, library, store } = await start();
    const { itemId } = await createItem(backend);
    const id = await beginUpdate(backend, itemId);
    const wrong = { ...sample.disk, bytes: Uint8Array.from([...sample.disk.bytes.slice(0, -1), 7]) };
    for (const file of [sample.manifest, sample.descriptor, wrong]) await pushFile(backend, { id, file });
    const late = { name: 'late.cert', sourceType: 'PUSH' };
    await expect(library.updateSessionFile.add({ updateSessionId: id, fileSpec: late })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
    });
    const { invalidFiles = [] } = await library.updateSessionFile.validate({ updateSessionId: id });
    expect(invalidFiles.map(({ name }) => name)).toEqual([sample.disk.name]);
    await library.updateSession.complete({ updateSessionId: id });
    const { state, errorMessage } = await library.updateSession.get({ updateSessionId: id });
    expect([state, errorMessage?.defaultMessage]).toEqual(['ERROR', expect.stringContaining('app-disk1.vmdk')]);
    expect(await namesOf(backend, itemId)).toEqual([]);
    await expect.poll(() => keysOf(store.blobs)).toEqual([]);
  });

  test('refuses a checksum that differs, of any algorithm, with the digest it found', async () => {
    const { backend, library } = await start();
    const { itemId } = await createItem(backend, { type: 'iso' });
    for (const algorithm of ['SHA1', 'MD5', 'SHA256', 'SHA512']) {
      const id = await beginUpdate(backend, itemId);
      const spec = { checksumInfo: { algorithm, checksum: '00' } };
      await pushFile(backend, { id, file: sample.disk, spec });
      const [file] = await library.updateSessionFile.list({ updateSessionId: id });
      expect(file).toMatchObject({
        status: 'ERROR',
        errorMessage: {
          defaultMessage: expect.stringMatching(`file=app-disk1.vmdk, alg=${algorithm}, actual=[0-9a-f]+, expected=00`),
        },
      });
      await library.updateSession.complete({ updateSessionId: id });
      expect(await library.updateSession.get({ updateSessionId: id })).toMatchObject({ state: 'ERROR' });
    }
  });

  test('is the only one of its item until it ends, and is not deleted while it is active', async () => {
    const { backend, library } = await start();
    const { itemId } = await createItem(backend);
    const id = await beginUpdate(backend, itemId);
    await expect(beginUpdate(backend, itemId)).rejects.toMatchObject({ kind: 'RESOURCE_BUSY' });
    await expect(library.item.delete({ libraryItemId: itemId })).rejects.toMatchObject({ kind: 'RESOURCE_BUSY' });
    await expect(library.updateSession.delete({ updateSessionId: id })).rejects.toMatchObject({
      kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
    });
    await library.updateSession.cancel({ updateSessionId: id });
    await library.updateSession.delete({ updateSessionId: id });
    await beginUpdate(backend, itemId);
  });

  test('that is canceled or failed leaves the item as it was and its bytes behind', async () => {
    const { backend, library, store } = await start();
    const { itemId } = await createItem(backend);
    await fillItem(backend, itemId, filesOf(sample));
    const before = await keysOf(store.blobs);
    const canceled = await beginUpdate(backend, itemId);
    await pushFile(backend, { id: canceled, file: { name: 'more.txt', bytes: Buffer.from('more') } });
    await library.updateSession.cancel({ updateSessionId: canceled });
    const failed = await beginUpdate(backend, itemId);
    await library.updateSession.fail({ updateSessionId: failed, clientErrorMessage: 'no more tape' });
    expect(await library.updateSession.get({ updateSessionId: failed })).toMatchObject({
      state: 'ERROR',
      errorMessage: { defaultMessage: 'no more tape' },
    });
    expect(await library.item.get({ libraryItemId: itemId })).toMatchObject({ contentVersion: '2' });
    await expect.poll(() => keysOf(store.blobs)).toEqual(before);
  });

  test('replaces and removes files of the item, whose old bytes go', async () => {
    const { backend, library, store } = await start();
    const { itemId } = await createItem(backend, { type: 'iso' });
    await fillItem(backend, itemId, [
      { name: 'a', bytes: Buffer.from('old a') },
      { name: 'b', bytes: Buffer.from('old b') },
      { name: 'c', bytes: Buffer.from('old c') },
    ]);
    const id = await beginUpdate(backend, itemId);
    await library.updateSessionFile.remove({ updateSessionId: id, fileName: 'b' });
    await pushFile(backend, { id, file: { name: 'a', bytes: Buffer.from('new a') } });
    await library.updateSession.complete({ updateSessionId: id });
    const got = await downloadItem(backend, itemId);
    expect([...got].map(([name, bytes]) => `${name}: ${Buffer.from(bytes)}`).toSorted()).toEqual([
      'a: new a',
      'c: old c',
    ]);
    const versions = (await library.itemFile.list({ libraryItemId: itemId })).map(({ name, version }) => [
      name,
      version,
    ]);
    expect(Object.fromEntries(versions)).toEqual({ a: '3', c: '2' });
    expect((await keysOf(store.blobs)).length).toBe(2);
  });

  test('is gone after its time, with its bytes, and its item is free again', async () => {
    let now = 1_000_000;
    const { backend, library, store } = await start({ clock: () => now, idleTimeoutMs: 1000 });
    const { itemId } = await createItem(backend);
    const id = await beginUpdate(backend, itemId);
    await pushFile(backend, { id, file: sample.descriptor });
    now += 900;
    await library.updateSession.keepAlive({ updateSessionId: id, clientProgress: 40 });
    now += 900;
    expect(await library.updateSession.get({ updateSessionId: id })).toMatchObject({ clientProgress: 40 });
    now += 1001;
    await expect(library.updateSession.get({ updateSessionId: id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await expect.poll(() => keysOf(store.blobs)).toEqual([]);
    await beginUpdate(backend, itemId);
  });

  test('takes an archive apart, whether it is pushed or pulled', async () => {
    const server = await serveFiles([['app.ova', ova.bytes]]);
    const { backend, library } = await start({ pull: httpPullSource });
    const names = ['app-disk1.vmdk', 'app.mf', 'app.ovf'];
    const pushed = await createItem(backend);
    await fillItem(backend, pushed.itemId, [ova]);
    expect(await namesOf(backend, pushed.itemId)).toEqual(names);
    const pulled = await createItem(backend);
    const updateSessionId = await beginUpdate(backend, pulled.itemId);
    const fileSpec = { name: 'app.ova', sourceType: 'PULL', sourceEndpoint: { uri: `${server.url}/app.ova` } };
    expect(await library.updateSessionFile.add({ updateSessionId, fileSpec })).toMatchObject({
      status: 'TRANSFERRING',
    });
    await library.updateSession.complete({ updateSessionId });
    await expect.poll(() => library.updateSession.get({ updateSessionId })).toMatchObject({ state: 'DONE' });
    expect(await namesOf(backend, pulled.itemId)).toEqual(names);
    const refused = await createItem(backend);
    await expect(
      fillItem(backend, refused.itemId, [{ ...ova, bytes: ova.bytes.subarray(0, 9000) }]),
    ).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  });

  test('pulls a descriptor and what it names from beside it', async () => {
    const server = await serveFiles(filesOf(sample).map(({ name, bytes }) => [name, bytes]));
    const { backend, library } = await start({ pull: httpPullSource });
    const { itemId } = await createItem(backend);
    const updateSessionId = await beginUpdate(backend, itemId);
    const fileSpec = { name: 'app.ovf', sourceType: 'PULL', sourceEndpoint: { uri: `${server.url}/app.ovf` } };
    await library.updateSessionFile.add({ updateSessionId, fileSpec });
    await expect
      .poll(() => library.updateSessionFile.list({ updateSessionId }))
      .toMatchObject([
        { name: 'app.ovf', status: 'READY' },
        { name: 'app-disk1.vmdk', sourceType: 'PULL', status: 'READY' },
      ]);
    await library.updateSession.complete({ updateSessionId });
    expect(await namesOf(backend, itemId)).toEqual(['app-disk1.vmdk', 'app.ovf']);
  });

  test('goes on after a restart from what was sent', async () => {
    const folder = await tempFolder();
    const first = await startEngine({ folder });
    const before = first.engine.backendFor(admin);
    const { itemId } = await createItem(before);
    const id = await beginUpdate(before, itemId);
    await pushFile(before, { id, file: sample.descriptor });
    const fileSpec = { name: sample.disk.name, sourceType: 'PUSH' };
    await before.contentLibrary.updateSessionFile.add({ updateSessionId: id, fileSpec });
    const half = sample.disk.bytes.subarray(0, 500);
    const address = { kind: 'update', sessionId: id, file: { name: sample.disk.name } } as const;
    await before.files.upload({ ...address, offset: 0, size: sample.disk.bytes.length, bytes: pieces(half) });
    await first.engine.close();
    await first.store.close();
    const second = await startEngine({ folder });
    const after = second.engine.backendFor(admin);
    const { offset } = await after.files.uploadState(address);
    expect(offset).toBe(500);
    const rest = pieces(sample.disk.bytes.subarray(offset));
    await after.files.upload({ ...address, offset, size: sample.disk.bytes.length, bytes: rest });
    await after.contentLibrary.updateSession.complete({ updateSessionId: id });
    const got = await downloadItem(after, itemId);
    expect(Buffer.from(got.get(sample.disk.name) ?? []).equals(sample.disk.bytes)).toBe(true);
  });
});
