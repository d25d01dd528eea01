import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bytesOf, collect, noise } from '@ovfkit/conformance';
import type { BlobStore } from '@ovfkit/domain';
import { expect, test } from 'vitest';
import { createBlobStore } from '../src/index.ts';
import { tempFolder } from './support/temp-folder.ts';

const run = promisify(execFile);

async function keysOf(blobs: BlobStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of blobs.keys()) keys.push(key);
  return keys;
}

test('keys that look like paths stay in the folder, one file each', async () => {
  const outer = await tempFolder();
  const blobs = createBlobStore(join(outer, 'blobs'));
  const keys = ['../up', '../../up', '/absolute', '..', '.', 'a/../../b', '..\\up', 'nul\u0000', 'a/b'];
  for (const key of keys) {
    await blobs.append(key, 0, bytesOf(key));
    await blobs.seal(key);
  }
  expect(await readdir(outer)).toEqual(['blobs']);
  const files = await readdir(join(outer, 'blobs'), { withFileTypes: true });
  expect(files).toHaveLength(keys.length);
  expect(files.every((file) => file.isFile())).toBe(true);
});

test('the file of a key can be found by reading its name', async () => {
  const folder = await tempFolder();
  await createBlobStore(folder).append('import/5f3a/disk one.vmdk', 0, bytesOf('x'));
  expect(await readdir(folder)).toEqual(['import%2F5f3a%2Fdisk%20one.vmdk.part']);
});

test('files that are no blobs are left alone and not listed', async () => {
  const folder = await tempFolder();
  const blobs = createBlobStore(folder);
  for (const name of ['lost+found', 'README', '.part', '%zz.blob', 'not encoded.blob', 'a%2fb.blob']) {
    await writeFile(join(folder, name), '');
  }
  await blobs.append('a', 0, bytesOf('x'));
  expect(await keysOf(blobs)).toEqual(['a']);
});

test('a blob that is deleted under its writer stays deleted, and the writer is told', async () => {
  const blobs = createBlobStore(await tempFolder());
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
  const blobs = createBlobStore(await tempFolder());
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
  const blobs = createBlobStore(folder);
  const key = `import/${'ü'.repeat(300)}.vmdk`;
  await blobs.append(key, 0, bytesOf('x'));
  await blobs.seal(key);
  expect(await keysOf(createBlobStore(folder))).toEqual([key]);
});

test('a key that no path can hold is refused', async () => {
  const blobs = createBlobStore(await tempFolder());
  await expect(blobs.append('x'.repeat(5000), 0, bytesOf('x'))).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
});

test('a volume without room refuses the append, and what fitted is still there', async () => {
  const folder = await tempFolder();
  // 2048 blocks of 512 or 1024 bytes is the largest file the child may write: a full disk without a disk to fill
  const script = `
    process.on('SIGXFSZ', () => {});
    const { createBlobStore } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)});
    const blobs = createBlobStore(${JSON.stringify(folder)});
    const bytes = async function* () { for (let i = 0; i < 8; i += 1) yield new Uint8Array(1024 * 1024); };
    const error = await blobs.append('k', 0, bytes()).catch((error) => error);
    console.log(error.kind, await blobs.size('k') > 0);`;
  const node = [process.execPath, '--conditions=@ovfkit/source', '--no-warnings', '--input-type=module', '-e', script];
  const { stdout } = await run('sh', ['-c', 'ulimit -f 2048 && exec "$@"', 'sh', ...node]);
  expect(stdout.trim()).toBe('UNABLE_TO_ALLOCATE_RESOURCE true');
});
