import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLocalStore, openUserTable } from '../src/index.ts';
import { openStore, tempFolder } from './support/temp-folder.ts';

test('the right password gives the user, any other nothing', async () => {
  const { users } = await openStore();
  await users.put({ name: 'anna', role: 'operator', password: 'correct horse' });
  expect(await users.verify('anna', 'correct horse')).toMatchObject({ name: 'anna', role: 'operator' });
  for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse']) {
    expect(await users.verify('anna', wrong)).toBeUndefined();
  }
  expect(await users.verify('bert', 'correct horse')).toBeUndefined();
});

test('a password is right however its letters were composed', async () => {
  const { users } = await openStore();
  await users.put({ name: 'anna', role: 'viewer', password: 'M\u00fcnchen' });
  expect(await users.verify('anna', 'Mu\u0308nchen')).toBeDefined();
});

test('putting a user again changes role and password', async () => {
  const { users } = await openStore();
  await users.put({ name: 'anna', role: 'viewer', password: 'one' });
  await users.put({ name: 'anna', role: 'admin', password: 'two' });
  expect(await users.verify('anna', 'one')).toBeUndefined();
  expect(await users.verify('anna', 'two')).toMatchObject({ name: 'anna', role: 'admin' });
  expect(await users.list()).toEqual([{ name: 'anna', role: 'admin' }]);
});

test('a removed user cannot log in, and removing again is no error', async () => {
  const { users } = await openStore();
  await users.put({ name: 'anna', role: 'viewer', password: 'one' });
  await users.remove('anna');
  await users.remove('anna');
  expect(await users.verify('anna', 'one')).toBeUndefined();
  expect(await users.list()).toEqual([]);
});

test('a user without name or password is refused', async () => {
  const { users } = await openStore();
  await expect(users.put({ name: '', role: 'viewer', password: 'x' })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
  });
  await expect(users.put({ name: 'x', role: 'viewer', password: '' })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
  });
});

test('an unknown name takes about as long to refuse as a wrong password', async () => {
  const { users } = await openStore();
  await users.put({ name: 'anna', role: 'viewer', password: 'one' });
  const timed = async (name: string) => {
    const start = performance.now();
    await users.verify(name, 'wrong');
    return performance.now() - start;
  };
  await timed('anna');
  const known = Math.min(await timed('anna'), await timed('anna'), await timed('anna'));
  const unknown = Math.min(await timed('nobody'), await timed('nobody'), await timed('nobody'));
  expect(unknown).toBeGreaterThan(known / 3); // without the work it would be a hundredth
});

test('no password is in the folder', async () => {
  const folder = await tempFolder();
  const store = await openLocalStore(folder);
  await store.users.put({ name: 'anna', role: 'viewer', password: 'swordfish-in-clear' });
  await store.close();
  expect((await readFile(join(folder, 'ovfkit.sqlite'))).includes('anna')).toBe(true);
  expect((await readFile(join(folder, 'ovfkit.sqlite'))).includes('swordfish')).toBe(false);
});

test('each password that is set has a credential of its own, even the same again', async () => {
  const { users } = await openStore();
  const put = async (password: string) => {
    await users.put({ name: 'anna', role: 'viewer', password });
    return (await users.find('anna'))?.credential;
  };
  const seen = [await put('one'), await put('one'), await put('two')];
  expect(new Set(seen).size).toBe(3);
  expect((await users.verify('anna', 'two'))?.credential).toBe(seen[2]);
  await users.remove('anna');
  expect(await users.find('anna')).toBeUndefined();
});

test.each(['', 'a:b', 'a\nb', 'a'.repeat(101)])('%j is no name of a user', async (name) => {
  const { users } = await openStore();
  await expect(users.put({ name, role: 'viewer', password: 'one' })).rejects.toMatchObject({
    kind: 'INVALID_ARGUMENT',
  });
});

test('what is done to users beside an open store is seen there at once', async () => {
  const folder = await tempFolder();
  const store = await openLocalStore(folder);
  const beside = openUserTable(folder);
  await beside.users.put({ name: 'anna', role: 'operator', password: 'one' });
  expect(await store.users.verify('anna', 'one')).toMatchObject({ role: 'operator' });
  await beside.users.remove('anna');
  expect(await store.users.find('anna')).toBeUndefined();
  beside.close();
  await store.close();
});
