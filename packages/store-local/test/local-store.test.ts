import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { bytesOf, collect, placeIn, sampleEntity, sampleImportSession } from '@ovfkit/conformance';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalStore } from '../src/index.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

test('sessions, blobs, machines, users and secrets are there after the folder was closed and opened again', async () => {
  const folder = await tempFolder();
  const first = await openLocalStore(folder);
  await first.sessions.imports.insert(sampleImportSession({ id: 'a' }));
  await first.blobs.append('open', 0, bytesOf('half'));
  await first.blobs.append('sealed', 0, bytesOf('whole'));
  await first.blobs.seal('sealed', '');
  const entity = sampleEntity({ ...(await placeIn(first.inventory)), name: 'app' });
  const ref = await first.inventory.create({ key: 'k', entity, descriptor: '', parameters: [], files: [] });
  await first.users.put({ name: 'admin', role: 'admin', password: 'pass word' });
  const secret = await first.secret('url-key');
  await first.close();

  const second = await openStore(folder);
  expect((await second.sessions.imports.get('a'))?.session).toEqual(sampleImportSession({ id: 'a' }));
  expect(await second.blobs.append('open', 4, bytesOf(' and more'))).toBe(13);
  await expect(second.blobs.append('sealed', 5, bytesOf('x'))).rejects.toMatchObject({
    kind: 'NOT_ALLOWED_IN_CURRENT_STATE',
  });
  expect(await second.inventory.describe(ref)).toEqual(entity);
  expect(await second.inventory.create({ key: 'k', entity, descriptor: '', parameters: [], files: [] })).toEqual(ref);
  expect(await second.users.verify('admin', 'pass word')).toMatchObject({ name: 'admin', role: 'admin' });
  expect(await second.secret('url-key')).toEqual(secret);
});

test('with its database in memory a store keeps nothing in its folder but blobs, and still has it alone', async () => {
  const folder = await tempFolder();
  const first = await openLocalStore(folder, { database: 'memory' });
  await first.sessions.imports.insert(sampleImportSession({ id: 'a' }));
  await first.blobs.append('open', 0, bytesOf('half'));
  expect((await readdir(folder)).filter((name) => name.includes('sqlite'))).toEqual([]);
  await expect(openLocalStore(folder, { database: 'memory' })).rejects.toMatchObject({ kind: 'RESOURCE_IN_USE' });
  await first.close();

  const second = await openStore(folder, { database: 'memory' });
  expect(await second.sessions.imports.list({})).toEqual([]);
  expect(await second.blobs.size('open')).toBe(4);
});

test('a folder named by one letter, below the one the process is in, is made', async () => {
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(await tempFolder());
  const store = await openStore('d');
  await store.blobs.append('k', 0, bytesOf('whole'));
  expect(await store.blobs.size('k')).toBe(5);
});

test('a folder is opened once in a process, and again after it was closed', async () => {
  const folder = await tempFolder();
  const first = await openLocalStore(folder);
  await expect(openLocalStore(folder)).rejects.toMatchObject({ kind: 'RESOURCE_IN_USE' });
  await first.close();
  await first.close();
  await expect(openStore(folder)).resolves.toBeDefined();
});

test('a pid file that a dead process left does not keep anyone out', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'ovfkit.lock'), '');
  await writeFile(join(folder, 'ovfkit.pid'), '1\n');
  await expect(openStore(folder)).resolves.toBeDefined();
});

test('nothing in the folder can be read by other users', async () => {
  const folder = join(await tempFolder(), 'data');
  const store = await openStore(folder);
  await store.blobs.append('k', 0, bytesOf('secret'));
  await store.secret('url-key');
  expect((await stat(folder)).mode % 0o1000).toBe(0o700);
  for (const name of ['ovfkit.sqlite', 'ovfkit.sqlite-wal', 'blobs/k.part', 'secrets/url-key']) {
    expect((await stat(join(folder, name))).mode % 0o1000, name).toBe(0o600);
  }
});

test('a database that a newer version wrote is refused and left as it is', async () => {
  const folder = await tempFolder();
  await (await openLocalStore(folder)).close();
  const database = new DatabaseSync(join(folder, 'ovfkit.sqlite'));
  database.exec('PRAGMA user_version = 99');
  database.close();
  await expect(openLocalStore(folder)).rejects.toMatchObject({
    kind: 'UNSUPPORTED',
    message: expect.stringContaining('99'),
  });
});

test('a database that is none is refused with its path, and the folder is free afterwards', async () => {
  const folder = await tempFolder();
  const path = join(folder, 'ovfkit.sqlite');
  await writeFile(path, 'this is not a database'.repeat(100));
  for (const _ of [1, 2]) {
    await expect(openLocalStore(folder)).rejects.toMatchObject({
      kind: 'INTERNAL_SERVER_ERROR',
      message: expect.stringContaining(path),
    });
  }
});

test('a path that is a file is refused', async () => {
  const path = join(await tempFolder(), 'file');
  await writeFile(path, '');
  await expect(openLocalStore(path)).rejects.toMatchObject({ kind: 'RESOURCE_INACCESSIBLE' });
});

test('a secret is the same for every call at once, another for another name, and 32 bytes long', async () => {
  const folder = await tempFolder();
  const store = await openStore(folder);
  const [first, ...others] = await Promise.all([1, 2, 3, 4].map(async () => store.secret('a')));
  for (const other of others) expect(other).toEqual(first);
  expect(first).toHaveLength(32);
  expect(await store.secret('b')).not.toEqual(first);
  expect(await readdir(join(folder, 'secrets'))).toEqual(['a', 'b']);
});

test('a name of a secret cannot leave its folder', async () => {
  const store = await openStore();
  for (const name of ['../escape', '', 'A', 'a/b', '.']) {
    await expect(store.secret(name)).rejects.toMatchObject({ kind: 'INVALID_ARGUMENT' });
  }
});

test('a secret that was cut short is refused, not used', async () => {
  const folder = await tempFolder();
  const store = await openStore(folder);
  await store.secret('a');
  const path = join(folder, 'secrets', 'a');
  await chmod(path, 0o600);
  await writeFile(path, 'short');
  await expect(store.secret('a')).rejects.toMatchObject({ kind: 'INTERNAL_SERVER_ERROR' });
});

test('a blob can be read while it still grows', async () => {
  const { blobs } = await openStore();
  await blobs.append('k', 0, bytesOf('abc'));
  expect(new TextDecoder().decode(await collect(blobs.read('k')))).toBe('abc');
});
