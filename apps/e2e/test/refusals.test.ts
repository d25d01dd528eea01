import { cp, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

async function damagedCopy(name: string, damage: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(scene.folder, name);
  await cp(scene.appliance.folder, folder, { recursive: true });
  await damage(folder);
  return folder;
}

async function flipByte(path: string): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 4_000);
  await file.write(Buffer.from([255 - (byte[0] ?? 0)]), 0, 1, 4_000);
  await file.close();
}

const import_ = (source: string, ...args: readonly string[]) =>
  scene.ovfkit(['import', source, '--to', 'lab', ...args]);

describe('packages', () => {
  test('a changed byte of a disk fails verification by the name of the disk, and nothing is created', async () => {
    const folder = await damagedCopy('changed', (path) => flipByte(join(path, 'sample-disk2.vmdk')));
    const ended = await import_(folder, ...needed, '--json');
    expect(ended).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('sample-disk2.vmdk') });
    expect(resultOf(ended)).toMatchObject({ status: 'failed', exitCode: 4 });
    const rest = await scene.rest();
    expect(await rest.listVms()).toEqual([]);
    expect(await rest.listImportSessions()).toEqual([]);
  });

  test('without verification the same package is imported', async () => {
    const folder = await damagedCopy('unverified', (path) => flipByte(join(path, 'sample-disk2.vmdk')));
    expect((await import_(folder, ...needed, '--no-verify', '-n', 'unverified')).exitCode).toBe(0);
  });

  test('a missing disk is told before anything is sent', async () => {
    const folder = await damagedCopy('missing', (path) => rm(join(path, 'sample-disk1.vmdk')));
    const ended = await import_(folder, ...needed);
    expect(ended).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('sample-disk1.vmdk') });
  });

  test('a descriptor that is cut off is told by line and column', async () => {
    const folder = await damagedCopy('cut', (path) => truncate(join(path, 'sample.ovf'), 900));
    expect(await import_(folder, ...needed)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/sample\.ovf:\d+:\d+/),
    });
  });

  test('a path that leads nowhere is told as such', async () => {
    const ended = await import_(join(scene.folder, 'nowhere.ova'));
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('does not exist') });
  });
});

describe('parameters', () => {
  test('a licence is shown, and the flag that accepts it is told', async () => {
    const ended = await import_(scene.appliance.folder, '--net', 'Frontend=VM Network', '--net', 'Backend=VM Network');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('expect nothing');
    expect(ended.stderr).toContain('--accept-eula');
  });

  test.each([
    [['--prop', 'hostnam=x'], 'Did you mean hostname'],
    [['--net', 'Fronted=VM Network'], 'Frontend'],
    [['--net', 'Frontend=VM Netwrk'], 'VM Network'],
    [['-ds', 'nope'], 'datastore1'],
    [['--pool', 'nope'], 'Resources'],
    [['--folder', 'nope'], 'vm'],
    [['--host', 'nope'], 'localhost'],
    [['--deployment-option', 'medium'], 'small'],
    [['--prop', 'novalue'], 'NAME=VALUE'],
    [['-dm', 'fat'], 'eagerZeroedThick'],
  ])('%j is a usage error that tells %s', async (args, told) => {
    const ended = await import_(scene.appliance.folder, ...needed, ...args);
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(told) });
    expect(await (await scene.rest()).listImportSessions()).toEqual([]);
  });

  test('a value of the wrong type is refused by the service, by the name of the property', async () => {
    const ended = await import_(scene.appliance.folder, ...needed, '--prop', 'port=many');
    expect(ended).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('port') });
  });
});

test.each([
  ['an option that is not known', ['--to', 'lab', '--nosuch']],
  ['an option that is missing', []],
])('%s is told on the last JSON line as well', async (_, args) => {
  const ended = await scene.ovfkit(['import', scene.appliance.folder, ...args, '--json']);
  expect(ended.exitCode).toBe(2);
  expect(resultOf(ended)).toMatchObject({ status: 'failed', exitCode: 2, error: { code: 'usage' } });
});

test('a name that is taken is told with the option that chooses another', async () => {
  expect((await import_(scene.appliance.folder, ...needed, '-n', 'twice')).exitCode).toBe(0);
  const ended = await import_(scene.appliance.folder, ...needed, '-n', 'twice');
  expect(ended).toMatchObject({ exitCode: 5, stderr: expect.stringMatching(/twice.*\nnext: .*-n/) });
});

describe('targets', () => {
  const to = (target: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
    scene.ovfkit(['import', scene.appliance.folder, '--to', target, ...needed, ...args], { env });

  test('a certificate that is not the pinned one is refused, with both thumbprints', async () => {
    const pin = 'AB'.repeat(32);
    const ended = await to(scene.service.url.replace('://', '://admin@'), ['--thumbprint', pin], {
      OVFKIT_PASSWORD: 'demo-password',
    });
    expect(ended.exitCode).toBe(6);
    const plain = ended.stderr.replaceAll(':', '').toLowerCase();
    expect(plain).toContain(pin.toLowerCase());
    expect(plain).toContain(scene.service.thumbprint.replaceAll(':', '').toLowerCase());
  });

  test('a certificate nobody vouches for is refused, with the way to pin it', async () => {
    const ended = await to(scene.service.url.replace('://', '://admin@'), [], { OVFKIT_PASSWORD: 'demo-password' });
    expect(ended).toMatchObject({ exitCode: 6, stderr: expect.stringContaining('--thumbprint') });
  });

  test('a certificate authority of their own is trusted', async () => {
    const url = scene.service.url.replace('://', '://admin@');
    const ended = await to(url, ['--ca', scene.service.certificate, '--dry-run'], { OVFKIT_PASSWORD: 'demo-password' });
    expect(ended).toMatchObject({ exitCode: 0 });
  });

  test('a wrong password is refused without being shown', async () => {
    const ended = await to('lab', [], { OVFKIT_TARGET_LAB_PASSWORD: 'wrong-secret' });
    expect(ended.exitCode).toBe(5);
    expect(ended.stdout + ended.stderr).not.toContain('wrong-secret');
  });

  test('an unknown target, and one where nobody listens, are told apart', async () => {
    expect(await to('lub')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean lab?') });
    expect(await to('https://admin@127.0.0.1:1', [], { OVFKIT_PASSWORD: 'x' })).toMatchObject({ exitCode: 6 });
  });

  test('a virtual machine that is not there is told with those that are', async () => {
    const ended = await scene.ovfkit(['export', 'nope', '--from', 'lab', '-o', join(scene.folder, 'nope')]);
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('virtual machine "nope"') });
    expect(await readdir(scene.folder)).not.toContain('nope');
  });

  test('stored passwords that others may read are not used', async () => {
    const config = join(scene.folder, 'open-config');
    await cp(join(scene.folder, 'config'), config, { recursive: true });
    await rm(join(config, 'secrets.toml'));
    await writeFile(join(config, 'secrets.toml'), '[passwords]\nlab = "demo-password"\n', { mode: 0o644 });
    const ended = await to('lab', [], { OVFKIT_CONFIG_DIR: config });
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('chmod 600') });
  });
});

test('plain HTTP at a port that speaks TLS is told from a target that is away, and what to write is said', async () => {
  const { host } = new URL(scene.service.url);
  const env = { OVFKIT_PASSWORD: scene.service.password };
  const ended = await scene.ovfkit(['import', scene.appliance.folder, '--to', `http://admin@${host}`], { env });
  expect(ended).toMatchObject({ exitCode: 6, stderr: expect.stringContaining(`${host} speaks TLS: use https://`) });
  expect(await scene.ovfkit(['inspect', `http://${host}/sample.ova`])).toMatchObject({
    exitCode: 6,
    stderr: expect.stringContaining(`${host} speaks TLS: use https://`),
  });
});
