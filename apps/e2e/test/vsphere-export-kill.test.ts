import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRestBackend } from '@ovfkit/rest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { addMachine } from '../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import { mib, resultOf } from './support/scene.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

/** Half of it is noise. */
const capacity = 32 * mib;
/** More than is gathered before it is written. */
const brokenAt = 5 * mib;

const importInto = ({ appliance, locator, thumbprint }: VcenterScene): readonly string[] => [
  ...['import', appliance, '-n', 'sample', '--to', `${locator}/DC%201/host/cluster%201`, '--datastore', 'ssd'],
  ...['--thumbprint', thumbprint, '--accept-eula', '--net', 'Frontend=VM Network', '--net', 'Backend=prod', '--json'],
];

/** Files below a folder with what they end in. */
async function filesIn(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

const stagedIn = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await filesIn(folder, ending)).filter((path) => path.includes('/.ovfkit-'));

async function sizeOf(folder: string): Promise<number> {
  const all = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
  return all.reduce((sum, { size }) => sum + size, 0);
}

/** A vCenter without sessions, a machine of two disks, and an export of it that stands still in the middle of one and is killed. */
async function openKilled({
  source = 'sample',
  via = 'lease',
}: {
  readonly source?: string;
  readonly via?: string;
} = {}) {
  const scene = await openVcenterScene([capacity, capacity]);
  onTestFinished(() => scene.close());
  const { server, leases, folder, ovfkit, switches } = scene;
  if (via === 'library') await makeKnown(scene);
  Object.assign(switches, { sessionApi: 'off' });
  if (via === 'lease') expect(resultOf(await ovfkit(importInto(scene)))).toMatchObject({ status: 'succeeded' });
  const output = join(folder, 'out');
  const { url, user, thumbprint } = scene;
  const from = ['--from', url, '--user', user, '--thumbprint', thumbprint];
  const words = ['export', source, ...from, '--via', via, '-o', output, '--json'];
  leases.breaksWhen = new Promise(() => {});
  leases.breaks.push(brokenAt);
  if (via === 'library') switches.stallsAt = brokenAt;
  const killing = new AbortController();
  const running = ovfkit(words, { killSignal: killing.signal });
  const whole = via === 'lease' ? 1 : 0;
  await vi.waitFor(
    async () => {
      const sizes = await Promise.all((await stagedIn(folder, '.vmdk.part')).map((path) => stat(path)));
      expect(sizes.filter(({ size }) => size >= 4 * mib)).toHaveLength(2 - whole);
      expect(await stagedIn(folder, '.vmdk.blob')).toHaveLength(whole);
    },
    { timeout: 30_000, interval: 20 },
  );
  killing.abort();
  await running;
  Object.assign(switches, { stallsAt: undefined });
  const requests = leases.requests.length;
  const list = async () => JSON.parse((await ovfkit(['sessions', 'list', '--json'])).stdout);
  const downloads = () =>
    leases.requests.slice(requests).map(({ name, range }) => `${name.replace(/^.*-disk/, 'disk')} ${range ?? 'whole'}`);
  /** Nothing of the export is anywhere but in its place. */
  const expectDone = async () => {
    expect(await ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
    await expectNothingLeft();
  };
  const expectNothingLeft = async () => {
    expect([await list(), await scene.leftBehind(), await filesIn(output, '.part')]).toEqual([[], [], []]);
    expect(server.model.all().filter(({ ref }) => ref.type === 'VirtualMachineSnapshot')).toEqual([]);
    expect((await ovfkit(['sessions', 'gc'])).stdout).toBe('Nothing is left over.');
  };
  return { ...scene, words, output, list, downloads, expectDone, expectNothingLeft };
}

/** What the library deploys is a machine of vim25 as well. */
async function makeKnown(scene: VcenterScene): Promise<void> {
  const { ovfkit, appliance, url, user, password, thumbprint, server } = scene;
  const target = ['--user', user, '--thumbprint', thumbprint];
  const backend = await createRestBackend({ url, user, password, thumbprint });
  await backend.contentLibrary.localLibrary.create({ createSpec: { name: 'staging', type: 'LOCAL' } });
  await backend.close();
  const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula', '--json'];
  const { vmId = '' } = resultOf(await ovfkit(['import', appliance, '-n', 'sample', '--to', url, ...target, ...nets]));
  const resourcePool = { _typeName: 'ManagedObjectReference', type: 'ResourcePool', value: 'resgroup-11' } as const;
  const parent = { _typeName: 'ManagedObjectReference', type: 'Folder', value: 'group-v3' } as const;
  addMachine(server.model, { value: String(vmId), name: 'sample', parent, resourcePool });
}

describe('an export by a lease that is killed by kill -9', () => {
  test('is listed, and goes on by the same command: what is whole is not fetched again, and the rest from where it was', async () => {
    const { words, ovfkit, list, downloads, expectDone, output } = await openKilled();
    expect(await list()).toMatchObject([{ kind: 'export', via: 'lease', package: output }]);
    expect((await ovfkit(['sessions', 'list'])).stdout).toMatch(/none, by lease .* stopped/);
    const result = resultOf(await ovfkit(words));
    expect(result).toMatchObject({ status: 'succeeded' });
    expect(downloads()).toEqual([expect.stringMatching(/^disk-\d\.vmdk bytes=\d+-$/)]);
    expect(result['bytesReceived']).toBeLessThan((await sizeOf(output)) / 2 - 3 * mib);
    await expectDone();
  });

  test('goes on by sessions resume, with the file anew that the host cannot give from its middle', async () => {
    const { ovfkit, list, downloads, expectDone, leases } = await openKilled();
    leases.hasRanges = false;
    const [{ id }] = await list();
    expect(resultOf(await ovfkit(['sessions', 'resume', id, '--json']))).toMatchObject({ status: 'succeeded' });
    expect(downloads()).toHaveLength(1);
    await expectDone();
  });

  test('begins anew when this computer was started anew since: nobody knows what its disk has kept', async () => {
    const { words, ovfkit, list, downloads, expectDone, folder } = await openKilled();
    const [{ id }] = await list();
    const path = join(folder, 'config', 'jobs', `${id}.json`);
    await writeFile(path, (await readFile(path, 'utf8')).replace(/"boot":"[^"]*"/, '"boot":"another"'));
    expect(resultOf(await ovfkit(words))).toMatchObject({ status: 'succeeded' });
    expect(downloads().toSorted()).toEqual(['disk-0.vmdk whole', 'disk-1.vmdk whole']);
    await expectDone();
  });

  test('stays when gc comes by, and leaves nothing when it is given up', async () => {
    const { ovfkit, list, expectNothingLeft } = await openKilled();
    const [{ id }] = await list();
    expect((await ovfkit(['sessions', 'gc'])).stdout).toBe(
      `${id}  stays: it can go on: ovfkit sessions resume ${id} (by lease)`,
    );
    expect(await list()).toHaveLength(1);
    expect(await ovfkit(['sessions', 'abort', id])).toMatchObject({ exitCode: 0, stdout: /given up/ });
    await expectNothingLeft();
  });
});

test('an export by way of the library that is killed goes on where it was, and is compared with what the library tells', async () => {
  const { words, ovfkit, list, expectDone, output } = await openKilled({ via: 'library' });
  expect(await list()).toMatchObject([{ kind: 'export', via: 'library' }]);
  const result = resultOf(await ovfkit(words));
  expect(result).toMatchObject({ status: 'succeeded' });
  expect(result['bytesReceived']).toBeLessThan((await sizeOf(output)) - 8 * mib);
  await expectDone();
});
