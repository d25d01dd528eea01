import { describe, expect, test } from 'vitest';
import { exportToLibrary, importLibraryItem, importPackage, planImportLibraryItem } from '../src/index.ts';
import { asFolder, defaults, makeSample, pool } from './support/sample.ts';
import { start } from './support/service.ts';

const poll = { firstMs: 20, maxMs: 200 };

/** A service with the sample's machine and an empty library. */
async function startWithLibrary() {
  const { backend } = await start();
  const settings = { backend, target: pool, parameters: defaults, poll };
  const { vmId = '' } = await importPackage({ ...settings, package: await asFolder(makeSample()) });
  const library = await backend.contentLibrary.localLibrary.create({ createSpec: { name: 'golden', type: 'LOCAL' } });
  return { backend, settings, vmId, library };
}

describe('a content library', () => {
  test('takes a machine as an item and gives it back as another machine, and no session stays', async () => {
    const { backend, settings, vmId, library } = await startWithLibrary();
    const made = await exportToLibrary({ backend, source: { vmId }, library, name: 'web', poll });
    expect(await backend.contentLibrary.item.get({ libraryItemId: made.libraryItemId })).toMatchObject({ name: 'web' });
    const item = made.libraryItemId;
    const again = await importLibraryItem({ ...settings, item });
    expect([again.bytesSent, again.vmId === vmId]).toEqual([0, false]);
    expect(await backend.inventory.vm.list({ names: ['web'] })).toMatchObject([{ vm: again.vmId }]);
    expect(await backend.importSession.list({})).toEqual([]);
    expect(await backend.exportSession.list({})).toEqual([]);
  });

  test('has its items overwritten, and planned without making anything', async () => {
    const { backend, settings, vmId, library } = await startWithLibrary();
    const to = { backend, source: { vmId }, library, poll };
    const { libraryItemId: item } = await exportToLibrary({ ...to, name: 'first' });
    expect((await exportToLibrary({ ...to, name: 'second', item })).libraryItemId).toBe(item);
    expect((await planImportLibraryItem({ ...settings, item })).validation.errors).toEqual([]);
    expect(await backend.inventory.vm.list({})).toHaveLength(1);
  });

  test('that is not there is named, and so is a name that is taken', async () => {
    const { backend, settings, vmId, library } = await startWithLibrary();
    await expect(importLibraryItem({ ...settings, item: 'nobody' })).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    const unknown = exportToLibrary({ backend, source: { vmId }, library: 'nobody', poll });
    await expect(unknown).rejects.toMatchObject({ kind: 'NOT_FOUND' });
    await exportToLibrary({ backend, source: { vmId }, library, name: 'web', poll });
    const taken = exportToLibrary({ backend, source: { vmId }, library, name: 'web', poll });
    await expect(taken).rejects.toThrow(/web/);
    expect(await backend.exportSession.list({})).toEqual([]);
  });
});
