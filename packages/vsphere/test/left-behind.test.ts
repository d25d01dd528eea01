import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalStore } from '@ovfkit/store-local';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findLeftBehind, madeWhole } from '../src/left-behind.ts';
import { sampleImport } from './support/import-request.ts';
import { type LeaseScene, openLeaseScene, samplePlacement } from './support/lease-scene.ts';
import { startUpstream } from './support/upstream.ts';

const textsOf = (found: readonly { readonly text: string }[]): readonly string[] => found.map(({ text }) => text);

const sample = () => sampleImport({ placement: samplePlacement });

/** An import that never ends: its machine is there, and a lease holds it. */
async function stuckImport({ inventoryWith, names }: LeaseScene): Promise<void> {
  const stuck = {
    async *read() {
      yield new Uint8Array(10);
      await new Promise(() => {});
    },
  };
  inventoryWith(stuck)
    .create(sample().request)
    .catch(() => undefined); // its lease will expire
  await vi.waitFor(() => expect(names()).toContain('app'));
}

describe.each(['soap', 'vi-json'] as const)('over %s', (transport) => {
  test('a machine that was never finished is found, and goes when the lease that holds it does', async () => {
    const scene = await openLeaseScene(transport);
    const { vim, leases, names } = scene;
    const before = names();
    await stuckImport(scene);
    expect(names()).toEqual([...before, 'app']);
    const found = await findLeftBehind({ vim, key: 'import-1' });
    expect(textsOf(found)).toEqual([expect.stringMatching(/^virtual machine vm-\d+, half made$/)]);
    expect(await findLeftBehind({ vim, key: 'import-2' })).toEqual([]);
    await expect(found[0]?.remove({ withinMs: 0 })).rejects.toMatchObject({ kind: 'RESOURCE_BUSY' });
    const held = vi.fn(() => leases.expire());
    await found[0]?.remove({ withinMs: 60_000, onHeld: held });
    expect(held).toHaveBeenCalledOnce();
    expect(names()).toEqual(before);
    expect(await findLeftBehind({ vim, key: 'import-1' })).toEqual([]);
  });

  test('a machine that is whole is none that was left', async () => {
    const { vim, inventoryWith } = await openLeaseScene(transport);
    const wanted = sample();
    const ref = await inventoryWith(wanted.blobs).create(wanted.request);
    expect(await findLeftBehind({ vim, key: 'import-1' })).toEqual([]);
    expect(await madeWhole({ vim, key: 'import-1' })).toEqual(ref);
    expect(await madeWhole({ vim, key: 'import-2' })).toBeUndefined();
  });

  test('a snapshot of an export is found among those of others, and alone goes', async () => {
    const { vim, server, inventoryWith } = await openLeaseScene(transport);
    const machine = server.model.all().find(({ ref }) => ref.value === 'vm-37')?.ref;
    if (machine === undefined) throw new Error('the sample has vm-37');
    const folder = await mkdtemp(join(tmpdir(), 'ovfkit-left-'));
    const store = await openLocalStore(folder);
    onTestFinished(async () => {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    });
    const staging = { ref: { type: 'VirtualMachine', id: 'vm-37' }, prefix: 'export/1/staged', flags: [] };
    const inventory = inventoryWith(store.blobs);
    server.trouble('RemoveSnapshot_Task', { status: 503 }, 2);
    await inventory.stage(staging);
    await inventory.stage({ ...staging, prefix: 'export/2/staged' });
    const left = await findLeftBehind({ vim, key: 'export/1/staged' });
    expect(textsOf(left)).toEqual([expect.stringMatching(/^snapshot snapshot-\d+ of vm-37$/)]);
    await inventory.stage(staging);
    expect(await findLeftBehind({ vim, key: 'export/1/staged' })).toEqual([]);
  });
});

test('an item of the library is found by its import, and goes with what fills it', async () => {
  const { vim } = await openLeaseScene('soap');
  const { backend, libraryId } = await startUpstream();
  const { item, updateSession } = backend.contentLibrary;
  const libraryItemId = await item.create({ createSpec: { libraryId, name: 'ovfkit-import-1', type: 'ovf' } });
  await item.create({ createSpec: { libraryId, name: 'ovfkit-import-2', type: 'ovf' } });
  await updateSession.create({ createSpec: { libraryItemId } });
  const found = await findLeftBehind({ vim, vcenter: backend, key: 'import-1' });
  expect(textsOf(found)).toEqual(['library item ovfkit-import-1']);
  for (const each of found) await each.remove({ withinMs: 0 });
  expect(await item.list({ libraryId })).toHaveLength(1);
  expect(await updateSession.list({})).toEqual([]);
});
