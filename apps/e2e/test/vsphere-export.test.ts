import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bytesOfDevice } from '../../../packages/vsphere/test/support/vim-server/export-methods.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

async function open(): Promise<VcenterScene> {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  return scene;
}

const from = ({ url, user, thumbprint }: VcenterScene): readonly string[] => [
  ...['--from', url, '--user', user, '--thumbprint', thumbprint],
];

const snapshotsOf = ({ server }: VcenterScene): number =>
  server.model.all().filter(({ ref }) => ref.type === 'VirtualMachineSnapshot').length;

const leasesOf = ({ server }: VcenterScene): number =>
  server.model.all().filter(({ ref }) => ref.type === 'HttpNfcLease').length;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What `inspect` shows of a package, without what is each package's own; and the digests of its disks. */
async function inspected({ ovfkit, folder }: VcenterScene, path: string) {
  const { stdout } = await ovfkit(['inspect', path, '--json']);
  const shown = stdout
    .replaceAll(/vm-\d+/g, 'vm')
    .replaceAll('sample-again', 'sample')
    .replaceAll(/"size": \d+/g, '');
  const unpacked = join(folder, `unpacked-${basename(path, '.ova')}`);
  await ovfkit(['unpack', path, '-o', unpacked]);
  const manifest = await readFile(join(unpacked, 'out.mf'), 'utf8');
  return { shown, disks: manifest.split('\n').filter((line) => line.includes('.vmdk')) };
}

describe('an export by a lease', () => {
  test('of a machine that is off is a folder with disk and firmware, their digests, and names of networks', async () => {
    const scene = await open();
    const output = join(scene.folder, 'web');
    const ended = await scene.ovfkit(['export', 'web', ...from(scene), '-o', output, '--json']);
    expect(ended.stderr).toBe('');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    const manifest = await readFile(join(output, 'web.mf'), 'utf8');
    for (const name of ['disk-0.vmdk', 'web.nvram']) expect(manifest).toContain(sha256(bytesOfDevice('vm-36', name)));
    expect(await readFile(join(output, 'web.ovf'), 'utf8')).toMatch(/<(\w+:)?Connection>prod</);
    expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
    expect([leasesOf(scene), await scene.leftBehind()]).toEqual([0, []]);
  });

  test('of a machine that runs goes through a snapshot, which is gone in the end', async () => {
    const scene = await open();
    const output = join(scene.folder, 'db.ova');
    expect(await scene.ovfkit(['export', 'db', ...from(scene), '-o', output])).toMatchObject({ exitCode: 0 });
    expect(scene.server.calls.some((call) => call.endsWith('CreateSnapshot_Task'))).toBe(true);
    expect([snapshotsOf(scene), leasesOf(scene)]).toEqual([0, 0]);
    expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
  });

  test('of a vApp has all its machines', async () => {
    const scene = await open();
    const output = join(scene.folder, 'suite.ova');
    const words = ['export', 'suite', '--vapp', ...from(scene), '-o', output];
    expect(await scene.ovfkit(words)).toMatchObject({ exitCode: 0 });
    expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
    expect((await scene.ovfkit(['inspect', output])).stdout).toMatch(/suite-web/);
  });

  test('has images in drives where the flag asks for them', async () => {
    const scene = await open();
    const output = join(scene.folder, 'web');
    await scene.ovfkit(['export', 'web', ...from(scene), '-o', output, '--flag', 'CDROM']);
    expect(await readFile(join(output, 'web.mf'), 'utf8')).toContain(sha256(bytesOfDevice('vm-36', 'seed.iso')));
  });
});

test('what was imported, exported, imported and exported again has the same configuration and the same disks', async () => {
  const scene = await open();
  const importIt = (path: string, name: string) =>
    scene.ovfkit([
      ...['import', path, '-n', name, '--to', `${scene.locator}/DC%201/host/cluster%201`, '--datastore', 'ssd'],
      ...['--thumbprint', scene.thumbprint, '--accept-eula', '--json'],
      ...(name === 'sample' ? ['--net', 'Frontend=VM Network', '--net', 'Backend=prod'] : []),
    ]);
  const exportIt = async (name: string): Promise<string> => {
    const output = join(scene.folder, `${name}-out.ova`);
    const ended = await scene.ovfkit(['export', name, ...from(scene), '-o', output, '--name', 'out', '--json']);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    return output;
  };
  expect(resultOf(await importIt(scene.appliance, 'sample'))).toMatchObject({ status: 'succeeded' });
  const first = await exportIt('sample');
  expect(await importIt(first, 'sample-again')).toMatchObject({ exitCode: 0, stderr: '' });
  const second = await exportIt('sample-again');
  for (const path of [first, second]) expect(await scene.ovfkit(['verify', path])).toMatchObject({ exitCode: 0 });
  const shown = await inspected(scene, first);
  expect(shown.shown).toMatch(/VM Network/);
  expect(shown.disks).toHaveLength(1);
  expect(await inspected(scene, second)).toEqual(shown);
});

/** While one call runs. */
const steps = ['CreateSnapshot_Task', 'ExportSnapshot', 'HttpNfcLeaseComplete', 'CreateDescriptor'];

describe('an export through a snapshot', () => {
  test.each(steps)('that is given up during %s leaves snapshot and lease nowhere, and nothing here', async (step) => {
    const scene = await open();
    const stopping = new AbortController();
    scene.server.trouble(step, { meanwhile: () => stopping.abort() });
    const output = join(scene.folder, 'db.ova');
    const ended = await scene.ovfkit(['export', 'db', ...from(scene), '-o', output], { signal: stopping.signal });
    expect(ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('Canceled by SIGINT') });
    expect([snapshotsOf(scene), leasesOf(scene), await scene.leftBehind()]).toEqual([0, 0, []]);
    await expect(readFile(output)).rejects.toThrow('ENOENT');
  });

  /** Killed when there is a snapshot. */
  async function openKilled() {
    const scene = await open();
    const killing = new AbortController();
    scene.server.trouble('ExportSnapshot', { meanwhile: () => killing.abort() });
    const output = join(scene.folder, 'db.ova');
    const words = ['export', 'db', ...from(scene), '-o', output];
    await scene.ovfkit(words, { killSignal: killing.signal });
    expect(snapshotsOf(scene)).toBe(1);
    const made = (): number => scene.server.calls.filter((call) => call.endsWith('CreateSnapshot_Task')).length;
    return { scene, words, output, made };
  }

  test('that is killed goes on with its snapshot, which is gone in the end', async () => {
    const { scene, words, output, made } = await openKilled();
    expect(await scene.ovfkit(words)).toMatchObject({ exitCode: 0 });
    expect([made(), snapshotsOf(scene), await scene.leftBehind()]).toEqual([1, 0, []]);
    expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
    expect((await scene.ovfkit(['sessions', 'list'])).stdout).toBe('Nothing was begun here that has not ended.');
  });

  test('that is killed leaves its snapshot to the next command at the target, and begins anew after it', async () => {
    const { scene, words, made } = await openKilled();
    const other = await scene.ovfkit(['export', 'web', ...from(scene), '-o', join(scene.folder, 'web.ova')]);
    expect(other).toMatchObject({ exitCode: 0, stdout: /Removed what a killed process had left: snapshot/ });
    expect(snapshotsOf(scene)).toBe(0);
    expect((await scene.ovfkit(['sessions', 'list'])).stdout).toMatch(/db\.ova .* stopped/);
    expect(await scene.ovfkit(words)).toMatchObject({ exitCode: 0 });
    expect([made(), snapshotsOf(scene), await scene.leftBehind()]).toEqual([2, 0, []]);
  });

  test('that is killed is found by gc, which removes the snapshot', async () => {
    const { scene } = await openKilled();
    const listed = await scene.ovfkit(['sessions', 'gc', '--dry-run']);
    expect(listed.stdout).toMatch(/snapshot snapshot-\d+ of vm-37/);
    expect(snapshotsOf(scene)).toBe(1);
    await scene.ovfkit(['sessions', 'gc']);
    expect([snapshotsOf(scene), await scene.leftBehind()]).toEqual([0, []]);
    expect((await scene.ovfkit(['sessions', 'gc'])).stdout).toBe('Nothing is left over.');
  });
});
