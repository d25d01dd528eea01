import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { credentialsOf, resolveTarget } from '../../src/target/resolve-target.ts';
import { openTargetStore } from '../../src/target/target-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-resolve-'));
  const store = openTargetStore(folder);
  await store.put('lab', { url: 'https://lab.example:8443', user: 'stored', thumbprint: 'aa'.repeat(32) });
  await store.setPassword('lab', 'stored-password');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = (env: Readonly<Record<string, string>> = {}): Promise<Config> =>
  readConfig({ OVFKIT_CONFIG_DIR: folder, ...env });

describe('a stored name', () => {
  test('gives what was stored', async () => {
    const target = await resolveTarget('lab', { config: await config(), options: {} });
    expect(target).toEqual({
      label: 'lab',
      url: 'https://lab.example:8443',
      user: 'stored',
      password: 'stored-password',
      thumbprint: 'aa'.repeat(32),
      ca: undefined,
    });
  });

  test('gives way to the environment, and that of the target comes first', async () => {
    const env = { OVFKIT_USER: 'me', OVFKIT_PASSWORD: 'general', OVFKIT_TARGET_LAB_PASSWORD: 'own' };
    const target = await resolveTarget('lab', { config: await config(env), options: {} });
    expect(target).toMatchObject({ user: 'me', password: 'own' });
  });

  test('gives way to flags: another CA takes the place of the pin', async () => {
    const ca = join(folder, 'ca.pem');
    await writeFile(ca, '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n');
    const target = await resolveTarget('lab', { config: await config(), options: { user: 'flag', ca } });
    expect(target).toMatchObject({ user: 'flag', thumbprint: undefined, ca: expect.stringContaining('BEGIN') });
  });

  test('that is unknown is refused with those that are known', async () => {
    const unknown = resolveTarget('lub', { config: await config(), options: {} });
    await expect(unknown).rejects.toMatchObject({ details: ['known: lab'], hint: 'Did you mean lab?' });
  });
});

describe('a URL', () => {
  test.each([
    ['https://admin@host', 'https://host', 'admin'],
    ['vi://user%40dom@host:444/', 'https://host:444', 'user@dom'],
    ['vcenter.lab.local', 'https://vcenter.lab.local', undefined],
    ['admin@127.0.0.1:8443', 'https://127.0.0.1:8443', 'admin'],
  ])('%s is %s as %s', async (word, url, user) => {
    expect(await resolveTarget(word, { config: await config(), options: {} })).toMatchObject({ label: url, url, user });
  });

  test('never shows its password', async () => {
    const target = await resolveTarget('https://a:s%40cret@host', { config: await config(), options: {} });
    expect(target.password).toBe('s@cret');
    expect(target.label + target.url).not.toContain('cret');
  });

  test('with a path is refused, for a path would be ignored', async () => {
    const located = resolveTarget('vi://host/DC/host/Cluster', { config: await config(), options: {} });
    await expect(located).rejects.toThrow(/path/);
  });
});

test('a malformed thumbprint is refused before anything is sent', async () => {
  const target = resolveTarget('https://host', { config: await config(), options: { thumbprint: 'AB:CD' } });
  await expect(target).rejects.toThrow(/thumbprint/);
});

test('a missing user or password is told with the way to give it', () => {
  const target = {
    label: 'x',
    url: 'https://x',
    user: undefined,
    password: undefined,
    thumbprint: undefined,
    ca: undefined,
  };
  expect(() => credentialsOf(target)).toThrow(/No user/);
  expect(() => credentialsOf({ ...target, user: 'me' })).toThrow(/No password is known for me/);
});
