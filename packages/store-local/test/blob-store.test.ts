import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import { bytesOf, collect, noise } from '@ovfkit/conformance';
import type { BlobStore } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { openBlobs, openStore, tempFolder } from './support/temp-folder.ts';

const run = promisify(execFile);

async function keysOf(blobs: BlobStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of blobs.keys('')) keys.push(key);
  return keys;
}

test('keys that look like paths stay in the folder, one file each', async () => {
  const outer = await tempFolder();
  const blobs = openBlobs(join(outer, 'blobs'));
  const keys = ['../up', '../../up', '/absolute', '..', '.', 'a/../../b', '..\\up', 'nul\u0000', 'a/b'];
  for (const key of keys) {
    await blobs.append(key, 0, bytesOf(key));
    await blobs.seal(key, '');
  }
  expect(await readdir(outer)).toEqual(['blobs']);
  const entries = await readdir(join(outer, 'blobs'), { withFileTypes: true, recursive: true });
  expect(entries.filter((entry) => entry.isFile())).toHaveLength(keys.length);
  expect(entries.every((entry) => entry.isFile() || entry.isDirectory())).toBe(true);
});

test('the file of a key can be found by reading its name', async () => {
  const folder = await tempFolder();
  await openBlobs(folder).append('import/5f3a/disk one.vmdk', 0, bytesOf('x'));
  expect(await readdir(join(folder, 'import%2F+', '5f3a%2F+'))).toEqual(['disk%20one.vmdk.part']);
});

test('the last blob of a folder takes the folder along, and others keep theirs', async () => {
  const folder = await tempFolder();
  const blobs = openBlobs(folder);
  for (const key of ['import/1/a', 'import/1/deep/b', 'import/2/a']) await blobs.append(key, 0, bytesOf('x'));
  await blobs.delete('import/1/deep/b');
  expect(await readdir(join(folder, 'import%2F+', '1%2F+'))).toEqual(['a.part']);
  await blobs.delete('import/1/a');
  expect(await readdir(join(folder, 'import%2F+'))).toEqual(['2%2F+']);
  await blobs.delete('import/2/a');
  await blobs.delete('import/3/a');
  expect(await readdir(folder)).toEqual([]);
});

test('many blobs of one folder come and go at once, and none is lost with the folder', async () => {
  const folder = await tempFolder();
  const blobs = openBlobs(folder);
  const turns = async (key: string) => {
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await blobs.append(key, 0, bytesOf(key))).toBe(key.length);
      await blobs.seal(key, '');
      expect(await blobs.size(key)).toBe(key.length);
      await blobs.delete(key);
    }
  };
  await Promise.all(['import/1/a', 'import/1/b', 'import/1/c', 'import/2/a'].map(turns));
  expect(await readdir(folder)).toEqual([]);
});

test('files that are no blobs are left alone and not listed', async () => {
  const folder = await tempFolder();
  const blobs = openBlobs(folder);
  for (const name of ['lost+found', 'README', '.part', '%zz.blob', 'not encoded.blob', 'a%2fb.blob']) {
    await writeFile(join(folder, name), '');
  }
  await blobs.append('a', 0, bytesOf('x'));
  expect(await keysOf(blobs)).toEqual(['a']);
});

test('a blob that is deleted under its writer stays deleted, and the writer is told', async () => {
  const blobs = openBlobs(await tempFolder());
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = async function* () {
    yield noise(1024 * 1024);
    await gate;
    yield noise(1024 * 1024);
  };
  const refused = expect(blobs.append('k', 0, slow())).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
  await blobs.delete('k');
  expect(await blobs.append('k', 0, bytesOf('second'))).toBe(6);
  open();
  await refused;
  expect(new TextDecoder().decode(await collect(blobs.read('k')))).toBe('second');
  expect(await blobs.append('k', 6, bytesOf('!'))).toBe(7);
});

test('a writer that is told to stop closes its source', async () => {
  const blobs = openBlobs(await tempFolder());
  let isClosed = false;
  const source = async function* () {
    try {
      yield* bytesOf('a');
      await blobs.delete('k');
      yield* bytesOf('b', 'c');
    } finally {
      isClosed = true;
    }
  };
  await expect(blobs.append('k', 0, source())).rejects.toMatchObject({ kind: 'CONCURRENT_CHANGE' });
  expect(isClosed).toBe(true);
});

test('a key that is longer than a file name is kept under its own name', async () => {
  const folder = await tempFolder();
  const blobs = openBlobs(folder);
  const key = `import/${'ü'.repeat(300)}.vmdk`;
  await blobs.append(key, 0, bytesOf('x'));
  await blobs.seal(key, '');
  expect(await keysOf(openBlobs(folder))).toEqual([key]);
});

test('a key that no path can hold is refused', async () => {
  const blobs = openBlobs(await tempFolder());
  await expect(blobs.append('x'.repeat(5000), 0, bytesOf('x'))).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
});

test('a volume without room refuses the append, and what fitted is still there', async () => {
  const folder = await tempFolder();
  // 2048 blocks of 512 or 1024 bytes is the largest file the child may write: a full disk without a disk to fill
  const script = `
    process.on('SIGXFSZ', () => {});
    const { openLocalStore } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    const { blobs } = await openLocalStore(${JSON.stringify(folder)});
    const bytes = async function* () { for (let i = 0; i < 8; i += 1) yield new Uint8Array(1024 * 1024).fill(1); };
    const error = await blobs.append('k', 0, bytes()).catch((error) => error);
    console.log(error.kind, await blobs.size('k') > 0);`;
  const node = [process.execPath, '--conditions=@ovfkit/source', '--no-warnings', '--input-type=module', '-e', script];
  const { stdout } = await run('sh', ['-c', 'ulimit -f 2048 && exec "$@"', 'sh', ...node]);
  expect(stdout.trim()).toBe('UNABLE_TO_ALLOCATE_RESOURCE true');
});

test('a digest that a power cut took is known again once the blob is sealed again', async () => {
  const folder = await tempFolder();
  const { blobs } = await openStore(folder);
  await blobs.append('k', 0, bytesOf('bytes'));
  await blobs.seal('k', 'ab');
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.exec('DELETE FROM blob_digest');
  database.close();
  expect(await blobs.sealed('ab')).toEqual([]);
  await blobs.seal('k', 'ab');
  expect(await blobs.sealed('ab')).toEqual(['k']);
});
