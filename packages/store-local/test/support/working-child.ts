// Works on the store in a folder for as long as it lives, and prints what the store has acknowledged.
import { bytesOf, sampleImportSession, sampleLibrary, sampleLibraryItem } from '@ovfkit/conformance';
import { openLocalStore } from '../../src/index.ts';
import { repeated } from './repeated.ts';

const [work = '', folder = ''] = process.argv.slice(2);
const store = await openLocalStore(folder);
const print = (line: string) => process.stdout.write(`${line}\n`);

if (work === 'append') {
  for (let offset = await store.blobs.size('k'); ; ) {
    const step = 1 + ((offset * 7919) % 300_000);
    offset = await store.blobs.append('k', offset, bytesOf(repeated({ start: offset, end: offset + step })));
    print(`${offset}`);
  }
}
if (work === 'insert') {
  for (let index = 0; ; index += 1) {
    const id = `${process.pid}-${index}`;
    await store.sessions.imports.insert(sampleImportSession({ id }));
    print(id);
    await new Promise((resolve) => setImmediate(resolve)); // lets the line go out
  }
}
if (work === 'update') {
  await store.library.insertLibrary(sampleLibrary({ id: 'a' }));
  let item = await store.library.insertItem(sampleLibraryItem({ id: '1', libraryId: 'a', files: [] }));
  for (let count = 1; ; count += 1) {
    // their number and their names follow from the version: half a change would show
    const files = Array.from({ length: 1 + (count % 50) }, (_, index) => ({
      name: `${index}`,
      blob: `update/${count}/${index}`,
      size: count,
      sha256: '',
      version: count,
    }));
    item = await store.library.replaceItem({ ...item, files, contentVersion: count });
    print(`${count}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
if (work === 'hold') {
  print('open');
  setInterval(() => {}, 1000);
}
