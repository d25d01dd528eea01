import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines, runOvfkit } from '../src/ovfkit.ts';
import { startService } from '../src/service.ts';
import { mib, resultOf } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

async function open(args: readonly string[] = [], capacities?: readonly number[]): Promise<VcsimScene> {
  const scene = await openVcsimScene(args, capacities);
  onTestFinished(() => scene.close());
  return scene;
}

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
const cluster = '/DC0/host/DC0_C0';

const importTo = ({ appliance, locator, vcsim }: VcsimScene, ...more: readonly string[]): readonly string[] => [
  ...['import', appliance, '--to', `${locator}${cluster}`, '--thumbprint', vcsim.thumbprint],
  ...nets,
  ...more,
];

describe('a vCenter without the session API', () => {
  test('takes an import by a lease, says so, and nothing is left on this machine', async () => {
    const scene = await open();
    const before = await scene.machines();
    const ended = await scene.ovfkit(importTo(scene, '--json'));
    expect(ended.stderr).toBe('');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', vmId: expect.stringMatching(/^vm-/) });
    const told = jsonLines(ended.stdout).filter(({ type }) => type === 'information');
    expect(told[0]?.['message']).toMatch(/^By way of a lease, for the target has no OVF session API/);
    expect(await scene.machines()).toEqual([...before, 'sample'].toSorted());
    expect(await scene.leftBehind()).toEqual([]);
    const again = await scene.ovfkit(importTo(scene, '--if-exists', 'skip'));
    expect(again.stdout).toMatch(/nothing was imported/);
    expect(await scene.machines()).toHaveLength(before.length + 1);
  });

  test('takes an import by its content library, whose item goes again', async () => {
    const scene = await open();
    const items = await scene.makeLibrary('staging');
    const ended = await scene.ovfkit(importTo(scene, '-n', 'by-library', '--json'));
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(ended.stdout).toMatch(/By way of its content library/);
    expect(await scene.machines()).toContain('by-library');
    expect(await items()).toBe(0);
    const chosen = await scene.ovfkit(importTo(scene, '-n', 'by-lease', '--via', 'lease'));
    expect(chosen.exitCode).toBe(0);
    const other = await scene.ovfkit(importTo(scene, '-n', 'c', '--via', 'library', '--library', 'none'));
    expect(other).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('it has staging') });
    expect(await scene.machines()).not.toContain('c');
  });

  test('makes an item of its content library of a machine, each time another, and says when a name is of several', async () => {
    const scene = await open();
    const items = await scene.makeLibrary('staging');
    const from = ['--from', scene.vcsim.url, '--user', scene.vcsim.user, '--thumbprint', scene.vcsim.thumbprint];
    const words = ['export', 'DC0_H0_VM0', ...from, '--to-library', 'staging', '--name', 'golden', '--json'];
    const first = resultOf(await scene.ovfkit(words));
    expect(first).toMatchObject({ status: 'succeeded', library: 'staging', libraryItemId: expect.any(String) });
    expect(await items()).toBe(1);
    const second = resultOf(await scene.ovfkit(words));
    expect(second['libraryItemId']).not.toBe(first['libraryItemId']);
    expect(await items()).toBe(2);
    const to = ['--to', `${scene.locator}${cluster}`, '--thumbprint', scene.vcsim.thumbprint];
    const several = await scene.ovfkit(['import', 'library:staging/golden', ...to]);
    expect(several).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Give its id in place of the name.'),
    });
    const other = await scene.ovfkit(['export', 'DC0_H0_VM0', ...from, '--to-library', 'none']);
    expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no content library "none"') });
    expect((await scene.ovfkit(['sessions', 'list'])).stdout).toBe('Nothing was begun here that has not ended.');
  });

  test('is refused when its sessions are insisted on', async () => {
    const scene = await open();
    const ended = await scene.ovfkit(importTo(scene, '--via', 'session'));
    expect(ended).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('has no OVF session API') });
  });

  test('is known to variables of govc, with the place for machines and their networks', async () => {
    const scene = await open();
    const { url, user, password } = scene.vcsim;
    const env = {
      OVFKIT_PASSWORD: '',
      GOVC_URL: `${url}/sdk`,
      GOVC_USERNAME: user,
      GOVC_PASSWORD: password,
      GOVC_INSECURE: '1',
      GOVC_DATACENTER: 'DC0',
      GOVC_RESOURCE_POOL: 'DC0_C0/Resources',
      GOVC_DATASTORE: '/DC0/datastore/LocalDS_0',
      GOVC_NETWORK: 'VM Network',
    };
    const words = ['import', scene.appliance, '-n', 'by-govc', '--accept-eula'];
    const ended = await scene.ovfkit(words, { env });
    expect(ended).toMatchObject({ exitCode: 0 });
    expect(await scene.machines()).toContain('by-govc');
  });

  test('shows every hop on the way to it', async () => {
    const scene = await open();
    const { url, user, thumbprint } = scene.vcsim;
    const { exitCode, stdout } = await scene.ovfkit([
      'target',
      'test',
      url,
      '--user',
      user,
      '--thumbprint',
      thumbprint,
    ]);
    expect(exitCode).toBe(0);
    for (const hop of ['login', 'vim25', 'inventory', 'privileges', 'way in'])
      expect(stdout).toMatch(new RegExp(`^${hop}\\s+ok\\s`, 'm'));
    expect(stdout).toMatch(/^session API\s+none\s/m);
    expect(stdout).toMatch(/^host DC0_H0\s+warning\s/m);
  });
});

test('an ESXi host, which has no REST API worth the name, takes an import by a lease', async () => {
  const scene = await open(['-esx']);
  const { locator, vcsim, appliance } = scene;
  const to = ['--to', locator, '--thumbprint', vcsim.thumbprint];
  const ended = await scene.ovfkit(['import', appliance, ...to, ...nets]);
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(await scene.machines()).toContain('sample');
});

test('a test of an ESXi host tries it alone, and a way that it lacks is refused with the one that it has', async () => {
  const scene = await open(['-esx']);
  const { url, user, thumbprint } = scene.vcsim;
  const { stdout } = await scene.ovfkit(['target', 'test', url, '--user', user, '--thumbprint', thumbprint]);
  expect(stdout).not.toMatch(/^host /m);
  expect(stdout).toMatch(/^way in\s+ok .*lease, for the target has no REST API, as an ESXi host has none$/m);
  const to = ['--to', scene.locator, '--thumbprint', thumbprint];
  for (const via of ['library', 'session'])
    expect(await scene.ovfkit(['import', scene.appliance, ...to, '--via', via, ...nets])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/has no REST API, as an ESXi host has none.*\nnext: Leave --via out/),
    });
});

test.each([
  ['parameters are chosen', '"IMPORT_SELECTING_OVF_PARAMS"', 'lease'],
  ['the machine is being made', '"IMPORT_INSTANTIATING"', 'lease'],
  ['its disk is sent', '"type":"file"', 'lease'],
  ['its disk is sent', '"type":"file"', 'library'],
])('Ctrl-C while %s leaves nothing, there and here (%s, by %s)', async (_, moment, via) => {
  const scene = await open([], [256 * mib]);
  const items = await scene.makeLibrary('staging');
  const before = await scene.machines();
  const controller = new AbortController();
  const ended = await scene.ovfkit(importTo(scene, '--via', via, '--json'), {
    signal: controller.signal,
    onLine: (line) => {
      if (line.includes(moment)) controller.abort();
    },
  });
  expect(ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('Canceled by SIGINT') });
  expect(await scene.machines()).toEqual(before);
  expect(await items()).toBe(0);
  expect(await scene.leftBehind()).toEqual([]);
});

describe('a gateway', () => {
  async function startGateway(scene: VcsimScene, ...more: readonly string[]) {
    const { url, user, password, thumbprint } = scene.vcsim;
    const data = join(scene.folder, 'data');
    await mkdir(data, { recursive: true });
    const passwordFile = join(scene.folder, 'password');
    if (!existsSync(passwordFile)) await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    const flags = ['--vsphere-url', url, '--vsphere-user', user, '--vsphere-thumbprint', thumbprint];
    const service = await startService({ data, flags: [...flags, '--vsphere-password-file', passwordFile, ...more] });
    const config = join(scene.folder, 'gateway-config');
    const ovfkit = (words: readonly string[], options: object = {}) => runOvfkit(words, { config, ...options });
    const target = ['target', 'add', 'lab', service.url, '--user', service.user, '--thumbprint', service.thumbprint];
    await ovfkit([...target, '--password-stdin'], { input: service.password });
    return { service, ovfkit, passwordFile };
  }

  test('makes in vSphere what is imported into it, and shows what is there', async () => {
    const scene = await open();
    const { service, ovfkit } = await startGateway(scene);
    onTestFinished(async () => void (await service.stop()));
    const { stdout } = await ovfkit(['target', 'test', 'lab']);
    expect(stdout).toMatch(/^session API\s+ok/m);
    expect(stdout).toMatch(/^inventory\s+ok .*3 resource pools, 1 datastore,/m);
    const place = ['--pool', '/DC0/host/DC0_C0', '--folder', '/DC0/vm'];
    const ended = await ovfkit(['import', scene.appliance, '--to', 'lab', ...place, ...nets, '--json']);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(ended.stdout).not.toMatch(/By way of/);
    expect(await scene.machines()).toContain('sample');
  });

  test('keeps what a client has sent that went away, and goes on with it', async () => {
    const scene = await open([], [256 * mib]);
    const { service, ovfkit } = await startGateway(scene);
    onTestFinished(async () => void (await service.stop()));
    const words = [...['import', scene.appliance, '--to', 'lab', '--pool', cluster, '--folder', '/DC0/vm'], ...nets];
    const controller = new AbortController();
    const onLine = (line: string): void => {
      if (line.includes('"type":"file"') && line.includes('.vmdk')) controller.abort();
    };
    const cut = await ovfkit([...words, '--on-interrupt', 'keep', '--json'], { onLine, signal: controller.signal });
    expect(cut).toMatchObject({ exitCode: 130 });
    const ended = await ovfkit([...words, '--json']);
    const { bytesSent } = resultOf(ended);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(Number(bytesSent)).toBeLessThan(scene.size);
    expect(await scene.machines()).toContain('sample');
  });

  test('does not start with a password that others may read', async () => {
    const scene = await open();
    const { service, passwordFile } = await startGateway(scene);
    await service.stop();
    await chmod(passwordFile, 0o644);
    expect(await readFile(passwordFile, 'utf8')).toContain(scene.vcsim.password);
    await expect(startGateway(scene)).rejects.toThrow(/chmod 600/);
  });
});
