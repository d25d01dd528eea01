import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { credentialsOf, resolveTarget } from '../../src/target/resolve-target.ts';
import { openTargetStore } from '../../src/target/target-file.ts';
import { selfSigned } from '../support/self-signed.ts';

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
      path: [],
      places: {},
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
    const located = resolveTarget('https://host/DC/host/Cluster', { config: await config(), options: {} });
    await expect(located).rejects.toThrow(/path/);
  });

  test('of OVF Tool says where in the inventory, too', async () => {
    const target = await resolveTarget('vi://me@host/My%20DC/host/Cluster/', { config: await config(), options: {} });
    expect(target).toMatchObject({ url: 'https://host', user: 'me', path: ['My DC', 'host', 'Cluster'] });
  });
});

describe('variables of govc', () => {
  const govc = {
    GOVC_URL: 'https://root:s%40cret@host/sdk',
    GOVC_DATASTORE: 'fast',
    GOVC_RESOURCE_POOL: '*/Resources',
  };

  test('say who calls the target they name, and where things go there', async () => {
    const target = await resolveTarget('https://host', { config: await config(govc), options: {} });
    expect(target).toMatchObject({
      user: 'root',
      password: 's@cret',
      places: { datastore: 'fast', pool: '*/Resources' },
    });
  });

  test('give way to variables of ovfkit, and those to what the URL says', async () => {
    const env = { ...govc, GOVC_USERNAME: 'govc', OVFKIT_USER: 'me', OVFKIT_PASSWORD: 'own' };
    const target = await resolveTarget('https://host', { config: await config(env), options: {} });
    expect(target).toMatchObject({ user: 'me', password: 'own' });
    const named = await resolveTarget('https://you@host', { config: await config(env), options: {} });
    expect(named.user).toBe('you');
  });

  test('say nothing of another target', async () => {
    const target = await resolveTarget('https://other', { config: await config(govc), options: {} });
    expect(target).toMatchObject({ user: undefined, password: undefined, places: {} });
    expect(await resolveTarget('lab', { config: await config(govc), options: {} })).toMatchObject({ places: {} });
  });

  test('name files that know the certificates of hosts', async () => {
    const known = join(folder, 'known_hosts');
    const thumbprint = Array.from({ length: 20 }, () => 'AB').join(':');
    await writeFile(known, `# mine\nother:443 00\nhost:443 ${thumbprint}\n`);
    const env = { ...govc, GOVC_TLS_KNOWN_HOSTS: `${join(folder, 'none')}${delimiter}${known}` };
    const target = await resolveTarget('https://host', { config: await config(env), options: {} });
    expect(target.thumbprint).toBe(thumbprint);
    const pinned = { thumbprint: 'CD'.repeat(20) };
    expect((await resolveTarget('https://host', { config: await config(env), options: pinned })).thumbprint).toBe(
      pinned.thumbprint,
    );
  });

  test('that let any certificate pass pin the one that is shown', async () => {
    const { key, cert, sha256 } = await selfSigned();
    const server = createServer({ key, cert }, (_, response) => response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const env = { GOVC_URL: url, GOVC_INSECURE: 'true' };
    expect((await resolveTarget(url, { config: await config(env), options: {} })).thumbprint).toBe(sha256);
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
    path: [],
    places: {},
  };
  expect(() => credentialsOf(target)).toThrow(/No user/);
  expect(() => credentialsOf({ ...target, user: 'me' })).toThrow(/No password is known for me/);
});
