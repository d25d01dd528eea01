import { collect, samplePackage } from '@ovfkit/conformance';
import { SessionError } from '@ovfkit/domain';
import { describe, expect, test, vi } from 'vitest';
import { createLibraryInventory } from '../../src/index.ts';
import { itemsOf, openLibraryScene } from '../support/library-scene.ts';
import { inventoryOver, startUpstream, type Upstream } from '../support/upstream.ts';

const sessionsOf = async ({ store }: Upstream) => store.sessions.updates.list({});

describe('an import by way of the content library', () => {
  test('makes the machine as chosen, with the bytes of the package, and leaves nothing in the library', async () => {
    const { upstream, importSample } = await openLibraryScene();
    const vm = await importSample();
    const info = await upstream.backend.inventory.vm.get({ vm });
    expect(info).toMatchObject({
      name: 'small',
      cpu: { count: 4 },
      ovf: { annotation: 'told', deploymentOption: 'large' },
    });
    expect(info.ovf?.properties).toContainEqual({ key: 'net.hostname', value: 'web01' });
    const entity = await upstream.store.inventory.describe({ type: 'VirtualMachine', id: vm });
    const blob = entity.vms[0]?.disks[0]?.file?.blob ?? '';
    expect(await collect(upstream.store.blobs.read(blob))).toEqual(samplePackage({ name: 'small' }).disk.bytes);
    expect(await itemsOf(upstream)).toEqual([]);
    expect(await sessionsOf(upstream)).toEqual([]);
  });

  test('asked for again with the same key gives the machine that is there', async () => {
    const keys: string[] = [];
    const { upstream, inventory, importSample } = await openLibraryScene((own) => ({
      ...own,
      create: async (request, options) => {
        keys.push(request.key);
        const first = await own.create(request, options);
        expect(await own.create(request, options)).toEqual(first);
        return first;
      },
    }));
    const vm = await importSample();
    expect(await inventory.made(keys[0] ?? '')).toEqual({ type: 'VirtualMachine', id: vm });
    expect(await upstream.backend.inventory.vm.list({})).toHaveLength(1);
  });

  test('what an attempt that was cut off has left in the library gives way to the next attempt', async () => {
    const { upstream, importSample } = await openLibraryScene((own, { backend, libraryId }) => ({
      ...own,
      create: async (request, options) => {
        const { item, updateSession, updateSessionFile } = backend.contentLibrary;
        const libraryItemId = await item.create({
          createSpec: { libraryId, name: `ovfkit-${request.key}`, type: 'ovf' },
        });
        const updateSessionId = await updateSession.create({ createSpec: { libraryItemId } });
        await updateSessionFile.add({ updateSessionId, fileSpec: { name: 'half.ovf', sourceType: 'PUSH' } });
        return own.create(request, options);
      },
    }));
    await importSample();
    expect(await upstream.backend.inventory.vm.list({})).toHaveLength(1);
    expect(await itemsOf(upstream)).toEqual([]);
    expect(await sessionsOf(upstream)).toEqual([]);
  });

  test('given up while files are sent leaves neither machine nor item', async () => {
    const leaving = new AbortController();
    const { upstream, importSample } = await openLibraryScene((own, { backend }) => {
      const { upload } = backend.files;
      vi.spyOn(backend.files, 'upload').mockImplementation((input, options) => {
        if (input.file.name.endsWith('.vmdk')) leaving.abort(new Error('given up'));
        return upload(input, options);
      });
      return own;
    });
    await expect(importSample({ signal: leaving.signal })).rejects.toThrow('given up');
    await vi.waitFor(async () => expect(await itemsOf(upstream)).toEqual([]));
    expect(await sessionsOf(upstream)).toEqual([]);
    expect(await upstream.backend.inventory.vm.list({})).toEqual([]);
  });

  test('given up while it is deployed takes the machine away that comes of it', async () => {
    const leaving = new AbortController();
    const { upstream, importSample } = await openLibraryScene((own, { backend }) => {
      const { deploy } = backend.libraryItem;
      vi.spyOn(backend.libraryItem, 'deploy').mockImplementation((input, options) => {
        leaving.abort(new Error('given up'));
        return deploy(input, options);
      });
      return own;
    });
    await expect(importSample({ signal: leaving.signal })).rejects.toThrow('given up');
    await vi.waitFor(async () => expect(await itemsOf(upstream)).toEqual([]));
    expect(await upstream.backend.inventory.vm.list({})).toEqual([]);
  });

  test('given up when it was just deployed takes the machine away, though the server has dropped its marks', async () => {
    const leaving = new AbortController();
    const { upstream, importSample } = await openLibraryScene(
      (own) => ({
        ...own,
        create: async (request, options) => {
          const ref = await own.create(request, options);
          leaving.abort(new Error('given up'));
          await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
          return ref;
        },
      }),
      (unmarked) => ({ ...unmarked, made: async () => undefined, discard: async () => {} }),
    );
    await expect(importSample({ signal: leaving.signal })).rejects.toThrow('given up');
    await vi.waitFor(async () => expect(await upstream.backend.inventory.vm.list({})).toEqual([]));
    expect(await itemsOf(upstream)).toEqual([]);
  });

  test('a connection that breaks is gone on with from where the server is', async () => {
    let uploads = 0;
    const { importSample } = await openLibraryScene((own, { backend }) => {
      const { upload } = backend.files;
      vi.spyOn(backend.files, 'upload').mockImplementation(async (input, options) => {
        if (!input.file.name.endsWith('.vmdk')) return upload(input, options);
        uploads += 1;
        if (uploads === 1) throw new SessionError('RESOURCE_INACCESSIBLE', 'the connection broke');
        return upload(input, options);
      });
      return own;
    });
    await importSample();
    expect(uploads).toBe(2);
  });

  test('bytes that are not those of the session are found before the library has them whole', async () => {
    const { upstream, importSample } = await openLibraryScene((own) => ({
      ...own,
      create: (request, options) =>
        own.create({ ...request, files: request.files.map((file) => ({ ...file, sha256: '0'.repeat(64) })) }, options),
    }));
    await expect(importSample()).rejects.toThrow(/does not match its digest/);
    expect(await itemsOf(upstream)).toEqual([]);
  });

  test('a name that is taken is refused with the server’s reason, and the item goes', async () => {
    const { upstream, importSample } = await openLibraryScene((own, { backend }) => {
      const { deploy } = backend.libraryItem;
      vi.spyOn(backend.libraryItem, 'deploy').mockImplementation(async (input, options) => {
        const { clientToken, ...again } = input;
        await deploy(again, options);
        return deploy(input, options);
      });
      return own;
    });
    await expect(importSample()).rejects.toThrow(/small/);
    expect(await itemsOf(upstream)).toEqual([]);
  });
});

describe('the library a package passes through', () => {
  const request = { key: 'k', descriptor: '<Envelope/>', parameters: [], files: [] } as const;

  test('is told by name or id; another is refused with those there are', async () => {
    const upstream = await startUpstream();
    const { blobs } = upstream.store;
    const inventory = inventoryOver(upstream);
    const own = createLibraryInventory({ inventory, vcenter: upstream.backend, blobs, library: 'other' });
    const entity = { name: 'a' } as never; // never looked at: the library is asked for first
    await expect(own.create({ ...request, entity })).rejects.toMatchObject({
      kind: 'NOT_FOUND',
      message: 'The target has no local content library "other"; it has staging.',
    });
  });

  test('has to have room on its datastore', async () => {
    const upstream = await startUpstream();
    const { backend, store, libraryId } = upstream;
    await backend.contentLibrary.localLibrary.delete({ libraryId });
    const storageBackings = [{ type: 'DATASTORE', datastoreId: 'datastore-12' }];
    await backend.contentLibrary.localLibrary.create({ createSpec: { name: 'full', type: 'LOCAL', storageBackings } });
    const inventory = inventoryOver(upstream);
    const own = createLibraryInventory({ inventory, vcenter: backend, blobs: store.blobs });
    const files = [{ name: 'big.vmdk', blob: 'big', size: Number.MAX_SAFE_INTEGER, sha256: '' }];
    const entity = { name: 'a' } as never; // never looked at: the library is asked for first
    await expect(own.create({ ...request, files, entity })).rejects.toMatchObject({
      kind: 'UNABLE_TO_ALLOCATE_RESOURCE',
    });
  });
});
