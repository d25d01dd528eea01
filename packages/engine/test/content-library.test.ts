import { collect } from '@ovfkit/conformance';
import { describe, expect, test } from 'vitest';
import { keysOf, sample, start } from './support/content-library.ts';
import { beginUpdate, createItem, downloadItem, filesOf, fillItem } from './support/library.ts';

test('sessions belong to who made them, libraries and items to all', async () => {
  const { engine, backend, library } = await start();
  const { itemId } = await createItem(backend);
  const id = await beginUpdate(backend, itemId);
  const other = engine.backendFor({ user: 'other', isAdmin: false }).contentLibrary;
  await expect(other.updateSession.get({ updateSessionId: id })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
  expect(await other.updateSession.list({})).toEqual([]);
  expect(await library.updateSession.list({ libraryItemId: itemId })).toEqual([id]);
  expect(await other.item.get({ libraryItemId: itemId })).toMatchObject({ name: 'app' });
});

test('what a library cannot keep is refused', async () => {
  const { backend, library } = await start();
  const { itemId } = await createItem(backend);
  const id = await beginUpdate(backend, itemId);
  const add = (fileSpec: { name: string; sourceType: string; sourceEndpoint?: { uri: string } }) =>
    library.updateSessionFile.add({ updateSessionId: id, fileSpec });
  for (const name of ['', '../out', '/etc/passwd', 'a\u0000b'])
    await expect(add({ name, sourceType: 'PUSH' }), name).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  await expect(add({ name: 'a', sourceType: 'NONE' })).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
  const local = { name: 'a', sourceType: 'PULL', sourceEndpoint: { uri: 'file:///etc/passwd' } };
  await expect(add(local)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  await add({ name: 'a', sourceType: 'PUSH' });
  await expect(add({ name: 'a', sourceType: 'PUSH' })).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
  const subscribed = library.localLibrary.create({ createSpec: { name: 'x', type: 'SUBSCRIBED' } });
  await expect(subscribed).rejects.toMatchObject({ kind: 'UNSUPPORTED' });
});

describe('an item', () => {
  test('of a deleted library is gone with its bytes', async () => {
    const { backend, library, store } = await start();
    const { libraryId, itemId } = await createItem(backend);
    const id = await fillItem(backend, itemId, filesOf(sample));
    await library.updateSession.delete({ updateSessionId: id });
    await library.localLibrary.delete({ libraryId });
    await expect(library.item.get({ libraryItemId: itemId })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    expect(await keysOf(store.blobs)).toEqual([]);
  });

  test('that is copied has its own life over the same bytes', async () => {
    const { backend, library, store } = await start();
    const { libraryId, itemId } = await createItem(backend);
    await fillItem(backend, itemId, filesOf(sample));
    const before = await keysOf(store.blobs);
    const destinationCreateSpec = { name: 'copy', libraryId };
    const copy = await library.item.copy({ sourceLibraryItemId: itemId, destinationCreateSpec });
    expect(await keysOf(store.blobs)).toEqual(before);
    await library.item.delete({ libraryItemId: itemId });
    expect((await downloadItem(backend, copy)).size).toBe(3);
    expect(await library.item.find({ spec: { sourceId: itemId } })).toEqual([copy]);
  });

  test('has a name of its own in its library, and one client token makes one item', async () => {
    const { backend, library } = await start();
    const { libraryId } = await createItem(backend);
    const createSpec = { libraryId, name: 'app', type: 'ovf' };
    await expect(library.item.create({ createSpec })).rejects.toMatchObject({ kind: 'ALREADY_EXISTS' });
    const token = { clientToken: '5a1b8f9e-6a0b-4d0f-a6c9-0d9d2f4a1c11', createSpec: { ...createSpec, name: 'other' } };
    const made = await library.item.create(token);
    expect(await library.item.create(token)).toBe(made);
    await expect(library.item.create({ ...token, clientToken: 'x' })).rejects.toMatchObject({
      kind: 'INVALID_ARGUMENT',
    });
    const long = { ...createSpec, name: 'x'.repeat(81) };
    await expect(library.item.create({ createSpec: long })).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
    expect(await library.item.find({ spec: { libraryId, name: 'OTHER' } })).toEqual([made]);
  });

  test('and its library are changed at the version that was read, or not at all', async () => {
    const { backend, library } = await start();
    const { libraryId, itemId } = await createItem(backend);
    await library.item.update({ libraryItemId: itemId, updateSpec: { description: 'new', version: '1' } });
    const stale = library.item.update({ libraryItemId: itemId, updateSpec: { description: 'lost', version: '1' } });
    await expect(stale).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
    expect(await library.item.get({ libraryItemId: itemId })).toMatchObject({
      description: 'new',
      metadataVersion: '2',
    });
    await library.localLibrary.update({ libraryId, updateSpec: { name: 'renamed' } });
    expect(await library.library.get({ libraryId })).toMatchObject({ name: 'renamed', version: '2' });
  });
});

describe('a download session', () => {
  test('gives the files as they were when it began, even when the item is deleted meanwhile; then they go', async () => {
    const { backend, library, store } = await start();
    const { itemId } = await createItem(backend);
    const update = await fillItem(backend, itemId, filesOf(sample));
    const downloadSessionId = await library.downloadSession.create({ createSpec: { libraryItemId: itemId } });
    const fileName = sample.disk.name;
    const file = { kind: 'download', sessionId: downloadSessionId, file: { name: fileName } } as const;
    await expect(backend.files.download(file)).rejects.toMatchObject({ kind: 'NOT_ALLOWED_IN_CURRENT_STATE' });
    await library.downloadSessionFile.prepare({ downloadSessionId, fileName });
    await library.updateSession.delete({ updateSessionId: update });
    await library.item.delete({ libraryItemId: itemId });
    const { bytes, etag } = await backend.files.download(file);
    expect(Buffer.from(await collect(bytes)).equals(sample.disk.bytes)).toBe(true);
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    await library.downloadSession.delete({ downloadSessionId });
    expect(await keysOf(store.blobs)).toEqual([]);
  });
});
