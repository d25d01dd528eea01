import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, sampleEntity } from '@ovfkit/conformance';
import { SessionError } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { openLocalStore } from '@ovfkit/store-local';
import { describe, expect, onTestFinished, test } from 'vitest';
import { exportIntoLibrary, librariesOf } from '../../src/export/into-library.ts';

/** A backend with one machine, whose disk is blank, and one library. */
async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-into-library-'));
  const store = await openLocalStore(folder);
  const pull = { open: () => Promise.reject(new SessionError('UNSUPPORTED', '')), thumbprint: async () => undefined };
  const engine = createEngine({ ...store, pull });
  await engine.start();
  onTestFinished(async () => {
    await engine.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const sample = sampleEntity({ ...(await placeIn(store.inventory)), name: 'web' });
  const vms = sample.vms.map((vm) => ({
    ...vm,
    files: [],
    extraConfig: [],
    disks: vm.disks.map(({ file, ...disk }) => disk),
  }));
  const request = { key: 'k', entity: { ...sample, vms }, descriptor: '', parameters: [], files: [] };
  const source = await store.inventory.create(request);
  const backend = engine.backendFor({ user: 'u', isAdmin: true });
  const createSpec = { name: 'templates', type: 'LOCAL' } as const;
  const library = await backend.contentLibrary.localLibrary.create({ createSpec });
  return { backend, source, library };
}

describe('an export into a library by one call', () => {
  const { signal } = new AbortController();
  const clientToken = 'a4b0e4a0-0000-4000-8000-000000000001';

  test('makes an item, and overwrites one', async () => {
    const { backend, source, library } = await open();
    const { item } = backend.contentLibrary;
    const asked = { source, library, createSpec: { name: 'app' }, clientToken, signal };
    const made = await exportIntoLibrary(backend, asked);
    expect((await item.get({ libraryItemId: made.libraryItemId })).name).toBe('app');
    const repeated = await exportIntoLibrary(backend, asked);
    expect(repeated.libraryItemId).toBe(made.libraryItemId);
    const again = { source, library, item: made.libraryItemId, createSpec: {}, clientToken: randomUUID(), signal };
    expect((await exportIntoLibrary(backend, again)).libraryItemId).toBe(made.libraryItemId);
    expect(await item.list({ libraryId: library })).toHaveLength(1);
  });

  test('that is given up while it lasts takes its item away', async () => {
    const { backend, source, library } = await open();
    const leaving = new AbortController();
    const { libraryItem, contentLibrary } = backend;
    const slow = {
      contentLibrary,
      libraryItem: {
        ...libraryItem,
        create: (...call: Parameters<typeof libraryItem.create>) => {
          leaving.abort(new Error('given up'));
          return libraryItem.create(...call);
        },
      },
    };
    const given = { source, library, createSpec: { name: 'app' }, clientToken, signal: leaving.signal };
    await expect(exportIntoLibrary(slow, given)).rejects.toThrow('given up');
    expect(await contentLibrary.item.list({ libraryId: library })).toEqual([]);
  });

  test('is refused with the server’s reason', async () => {
    const { backend, library } = await open();
    const source = { type: 'VirtualMachine', id: 'vm-none' };
    const refused = exportIntoLibrary(backend, { source, library, createSpec: { name: 'app' }, clientToken, signal });
    await expect(refused).rejects.toThrow(/vm-none/);
  });

  test('is told apart from a target without a REST API', () => {
    expect(() => librariesOf({ rest: undefined, via: 'lease' })).toThrow(/needs the REST API/);
  });
});
