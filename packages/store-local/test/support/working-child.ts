// Works on the store in a folder for as long as it lives, and prints what the store has acknowledged.
import { bytesOf, noise, sampleImportSession } from '@ovfkit/conformance';
import { openLocalStore } from '../../src/index.ts';

const [work = '', folder = ''] = process.argv.slice(2);
const store = await openLocalStore(folder);
const print = (line: string) => process.stdout.write(`${line}\n`);

if (work === 'append') {
  const contents = noise(8 * 1024 * 1024);
  for (let offset = await store.blobs.size('k'); offset < contents.length; ) {
    const step = 1 + ((offset * 7919) % 300_000);
    offset = await store.blobs.append('k', offset, bytesOf(contents.subarray(offset, offset + step)));
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
if (work === 'hold') {
  print('open');
  setInterval(() => {}, 1000);
}
