import { expect, test, vi } from 'vitest';
import { createStagingJudge, findStagingLibrary } from '../../src/library/staging-library.ts';
import { startUpstream } from '../support/upstream.ts';

/** A server with one library, on a datastore that has so much room. */
async function withRoom(freeSpace: number) {
  const { backend, libraryId } = await startUpstream();
  const { contentLibrary, inventory } = backend;
  const list: typeof inventory.datastore.list = async (...question) =>
    (await inventory.datastore.list(...question)).map((each) => ({ ...each, freeSpace }));
  return {
    services: { contentLibrary, inventory: { ...inventory, datastore: { ...inventory.datastore, list } } },
    libraryId,
  };
}

test('a library with room is taken, and one without is refused by its name', async () => {
  const { services, libraryId } = await withRoom(1_000);
  expect(await findStagingLibrary(services, { size: 1_000 }, {})).toBe(libraryId);
  await expect(findStagingLibrary(services, { size: 1_001 }, {})).rejects.toMatchObject({
    kind: 'UNABLE_TO_ALLOCATE_RESOURCE',
  });
});

test('what has no size yet is tried where nothing is free', async () => {
  const { services, libraryId } = await withRoom(-1);
  expect(await findStagingLibrary(services, { size: 0 }, {})).toBe(libraryId);
});

test('that no library has room, or there is none of the name, is foreseen in the same words; what had room is not asked for again', async () => {
  const { services } = await withRoom(1_000);
  const { signal } = new AbortController();
  const judge = createStagingJudge(services, {});
  expect(await judge(1_001, signal)).toEqual([{ about: 'library', text: expect.stringMatching(/no room in staging/) }]);
  expect(await judge(1_000, signal)).toEqual([]);
  const list = vi.spyOn(services.contentLibrary.localLibrary, 'list');
  expect(await judge(1_000, signal)).toEqual([]);
  expect(list).not.toHaveBeenCalled();
  const other = createStagingJudge(services, { library: 'other' });
  expect(await other(1, signal)).toEqual([
    { about: 'library', text: 'The target has no local content library "other"; it has staging.' },
  ]);
});
