import assert from 'node:assert/strict';
import type { Library } from '@ovfkit/domain';
import type { Case } from './case.ts';
import { sampleLibrary, sampleLibraryItem } from './sample-library.ts';

const idsOf = (documents: readonly { readonly id: string }[]): readonly string[] => documents.map(({ id }) => id);

/** With the libraries `a` and `b`, `a` the older. */
async function withTwo(make: () => Promise<Library>): Promise<Library> {
  const library = await make();
  await library.insertLibrary(sampleLibrary({ id: 'b', createdAt: 2000 }));
  await library.insertLibrary(sampleLibrary({ id: 'a', createdAt: 1000 }));
  return library;
}

const wholeCases: readonly Case<Library>[] = [
  {
    name: 'a library comes back with every field as it was inserted, the oldest first',
    async run(make) {
      const library = await withTwo(make);
      assert.deepEqual(await library.library('a'), sampleLibrary({ id: 'a', createdAt: 1000 }));
      assert.deepEqual(idsOf(await library.libraries()), ['a', 'b']);
    },
  },
  {
    name: 'a second library of one owner and client token is not kept, the first is given; another owner may use the token',
    async run(make) {
      const library = await make();
      const first = await library.insertLibrary(sampleLibrary({ id: 'a', clientToken: 't' }));
      assert.deepEqual(await library.insertLibrary(sampleLibrary({ id: 'b', clientToken: 't' })), first);
      await library.insertLibrary(sampleLibrary({ id: 'c', owner: 'bob', clientToken: 't' }));
      assert.deepEqual(idsOf(await library.libraries()), ['a', 'c']);
    },
  },
  {
    name: 'two libraries may have one name',
    async run(make) {
      const library = await make();
      for (const id of ['a', 'b']) await library.insertLibrary(sampleLibrary({ id, name: 'templates' }));
      assert.equal((await library.libraries()).length, 2);
    },
  },
  {
    name: 'a library that is replaced is changed and one version on; at an old version it is refused and stays',
    async run(make) {
      const library = await withTwo(make);
      const before = await library.library('a');
      const after = await library.replaceLibrary({ ...before, name: 'new' });
      assert.deepEqual(after, { ...before, name: 'new', version: before.version + 1 });
      await assert.rejects(library.replaceLibrary({ ...before, name: 'lost' }), { kind: 'CONCURRENT_CHANGE' });
      assert.deepEqual(await library.library('a'), after);
    },
  },
  {
    name: 'a deleted library takes its items and their blobs along, and no other library’s',
    async run(make) {
      const library = await withTwo(make);
      await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a' }));
      await library.insertItem(sampleLibraryItem({ id: '2', libraryId: 'b' }));
      await library.deleteLibrary('a');
      assert.deepEqual(idsOf(await library.libraries()), ['b']);
      assert.deepEqual(idsOf(await library.items({})), ['2']);
      const held = await library.held(['update/1/app.ovf', 'update/2/app.ovf']);
      assert.deepEqual([...held], ['update/2/app.ovf']);
    },
  },
  {
    name: 'an unknown library can neither be read, replaced, deleted nor filled',
    async run(make) {
      const library = await make();
      await assert.rejects(library.library('a'), { kind: 'NOT_FOUND' });
      await assert.rejects(library.replaceLibrary(sampleLibrary({ id: 'a' })), { kind: 'NOT_FOUND' });
      await assert.rejects(library.deleteLibrary('a'), { kind: 'NOT_FOUND' });
      await assert.rejects(library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a' })), { kind: 'NOT_FOUND' });
      assert.deepEqual(await library.items({}), []);
    },
  },
];

const itemCases: readonly Case<Library>[] = [
  {
    name: 'an item comes back with every field and file as it was inserted, in its library only',
    async run(make) {
      const library = await withTwo(make);
      const item = sampleLibraryItem({ id: '1', libraryId: 'a' });
      assert.deepEqual(await library.insertItem(item), item);
      assert.deepEqual(await library.item('1'), item);
      assert.deepEqual(await library.items({ libraryId: 'a' }), [item]);
      assert.deepEqual(await library.items({ libraryId: 'b' }), []);
    },
  },
  {
    name: 'a second item of one client token is not kept, even under another name; the first is given',
    async run(make) {
      const library = await withTwo(make);
      const first = await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a', clientToken: 't' }));
      const second = sampleLibraryItem({ id: '2', libraryId: 'b', clientToken: 't', name: 'other' });
      assert.deepEqual(await library.insertItem(second), first);
      assert.deepEqual(idsOf(await library.items({})), ['1']);
    },
  },
  {
    name: 'of several items of one name inserted at once exactly one is kept; another library may have the name too',
    async run(make) {
      const library = await withTwo(make);
      const tries = ['1', '2', '3'].map((id) =>
        library.insertItem(sampleLibraryItem({ id, libraryId: 'a', name: 'app' })),
      );
      const results = await Promise.allSettled(tries);
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      const refused = library.insertItem(sampleLibraryItem({ id: '4', libraryId: 'a', name: 'app' }));
      await assert.rejects(refused, { kind: 'ALREADY_EXISTS' });
      await library.insertItem(sampleLibraryItem({ id: '5', libraryId: 'b', name: 'app' }));
    },
  },
  {
    name: 'an item that is replaced is changed and one version on, and holds its new blobs and not the old ones',
    async run(make) {
      const library = await withTwo(make);
      const before = await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a' }));
      const [kept, gone] = before.files;
      assert.ok(kept && gone);
      const files = [kept, { ...gone, name: 'new.vmdk', blob: 'update/2/new.vmdk' }];
      const after = await library.replaceItem({ ...before, files, contentVersion: 9 });
      assert.deepEqual(after, { ...before, files, contentVersion: 9, version: before.version + 1 });
      assert.deepEqual(await library.item('1'), after);
      const held = await library.held([kept.blob, gone.blob, 'update/2/new.vmdk', 'nobody']);
      assert.deepEqual([...held].toSorted(), [kept.blob, 'update/2/new.vmdk'].toSorted());
    },
  },
  {
    name: 'of several replaces at one version exactly one succeeds, and the others change nothing',
    async run(make) {
      const library = await withTwo(make);
      const before = await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a' }));
      const tries = ['x', 'y', 'z'].map((name) => library.replaceItem({ ...before, name, files: [] }));
      const results = await Promise.allSettled(tries);
      const [won, ...more] = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      assert.equal(more.length, 0);
      assert.deepEqual(await library.item('1'), won);
    },
  },
  {
    name: 'an item cannot take the name of another; refused, it keeps its own name and files',
    async run(make) {
      const library = await withTwo(make);
      await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a', name: 'first' }));
      const second = await library.insertItem(sampleLibraryItem({ id: '2', libraryId: 'a', name: 'second' }));
      const taken = library.replaceItem({ ...second, name: 'first', files: [] });
      await assert.rejects(taken, { kind: 'ALREADY_EXISTS' });
      assert.deepEqual(await library.item('2'), second);
      assert.equal((await library.held(['update/2/app.ovf'])).size, 1);
    },
  },
  {
    name: 'a blob that two items name is held until both are gone',
    async run(make) {
      const library = await withTwo(make);
      const first = await library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a' }));
      await library.insertItem(sampleLibraryItem({ id: '2', libraryId: 'b', files: first.files }));
      await library.deleteItem('1');
      assert.equal((await library.held(['update/1/app.ovf'])).size, 1);
      await library.deleteItem('2');
      assert.equal((await library.held(['update/1/app.ovf'])).size, 0);
    },
  },
  {
    name: 'an unknown item can neither be read, replaced nor deleted',
    async run(make) {
      const library = await withTwo(make);
      await assert.rejects(library.item('1'), { kind: 'NOT_FOUND' });
      const unknown = sampleLibraryItem({ id: '1', libraryId: 'a' });
      await assert.rejects(library.replaceItem(unknown), { kind: 'NOT_FOUND' });
      await assert.rejects(library.deleteItem('1'), { kind: 'NOT_FOUND' });
    },
  },
];

/** The laws of `Library`. */
export const libraryCases: readonly Case<Library>[] = [...wholeCases, ...itemCases];
