import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTargetStore } from '../../src/target/target-file.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'ovfkit-targets-')), 'config');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const lab = { url: 'https://lab.example', user: 'admin', thumbprint: 'AA:BB' };

test('a target is there again for the next one who opens the folder', async () => {
  await openTargetStore(folder).put('lab', lab);
  await openTargetStore(folder).put('other', { url: 'https://other.example' });
  expect([...(await openTargetStore(folder).list())]).toEqual([
    ['lab', lab],
    ['other', { url: 'https://other.example' }],
  ]);
});

test('passwords are in a file of their own that only the user can read', async () => {
  const store = openTargetStore(folder);
  await store.put('lab', lab);
  await store.setPassword('lab', 'geheim "quoted" \\ ünïcode');
  expect(await store.password('lab')).toBe('geheim "quoted" \\ ünïcode');
  expect((await stat(join(folder, 'secrets.toml'))).mode % 0o1000).toBe(0o600);
  expect(await readFile(join(folder, 'targets.toml'), 'utf8')).not.toContain('geheim');
});

test('passwords that others may read are refused', async () => {
  const store = openTargetStore(folder);
  await store.setPassword('lab', 'x');
  await chmod(join(folder, 'secrets.toml'), 0o644);
  await expect(store.password('lab')).rejects.toThrow(/others may read/);
});

test('removing a target removes its password and nothing else', async () => {
  const store = openTargetStore(folder);
  await store.put('lab', lab);
  await store.setPassword('lab', 'x');
  await store.setPassword('other', 'y');
  expect(await store.remove('lab')).toBe(true);
  expect(await store.remove('lab')).toBe(false);
  expect(await store.password('lab')).toBeUndefined();
  expect(await store.password('other')).toBe('y');
});

test('an unknown key is told with its place, a broken file with its path', async () => {
  const store = openTargetStore(folder);
  await store.put('lab', lab);
  await writeFile(join(folder, 'targets.toml'), '[targets.lab]\nurl = "https://x"\nthumb = "y"\n');
  await expect(store.list()).rejects.toMatchObject({ details: [expect.stringContaining('thumb')] });
  await writeFile(join(folder, 'targets.toml'), '[targets\n');
  await expect(store.list()).rejects.toThrow(/targets\.toml is not valid/);
});
