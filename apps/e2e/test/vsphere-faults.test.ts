import { describe, expect, onTestFinished, test } from 'vitest';
import { VimServerFault } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { serveFolder } from '../src/file-server.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

async function open() {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  return { ...scene, before: scene.names() };
}

const importTo = ({ appliance, locator, thumbprint }: VcenterScene, ...more: readonly string[]): readonly string[] => [
  ...['import', appliance, '--to', `${locator}/DC%201/host/cluster%201`, '--thumbprint', thumbprint],
  ...[
    '--datastore',
    'ssd',
    '--net',
    'Frontend=VM Network',
    '--net',
    'Backend=prod',
    '--accept-eula',
    '--json',
    ...more,
  ],
];

describe('an import by a lease', () => {
  test('goes on when the login ends at 100 %', async () => {
    const scene = await open();
    scene.server.trouble('HttpNfcLeaseGetManifest', { meanwhile: () => scene.server.forgetSessions() });
    expect(await scene.ovfkit(importTo(scene))).toMatchObject({ exitCode: 0, stderr: '' });
    expect(scene.names()).toEqual([...scene.before, 'sample']);
  });

  test('ends when its lease does, says so, and leaves nothing', async () => {
    const scene = await open();
    scene.server.trouble('HttpNfcLeaseGetManifest', { meanwhile: () => scene.leases.expire() });
    const ended = await scene.ovfkit(importTo(scene));
    expect(ended.exitCode).not.toBe(0);
    expect(ended.stderr).toMatch(/The lease failed: The operation timed out.*Nothing was left of sample/is);
    expect([scene.names(), await scene.leftBehind()]).toEqual([scene.before, []]);
  });

  test('ends when its lease never gets ready, with the reason of vSphere', async () => {
    const scene = await open();
    scene.leases.failure = new VimServerFault('NoDiskSpace', 'no room on ssd', { datastore: 'ssd' });
    const ended = await scene.ovfkit(importTo(scene));
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/The lease failed: no room on ssd.*Nothing was left of sample/is);
    expect([scene.names(), await scene.leftBehind()]).toEqual([scene.before, []]);
  });

  test('is refused a name that is taken, before anything is made', async () => {
    const scene = await open();
    const ended = await scene.ovfkit(importTo(scene, '-n', 'web'));
    expect(ended).toMatchObject({ exitCode: 5, stderr: expect.stringMatching(/web/) });
    expect(scene.server.calls.some((call) => call.endsWith('ImportVApp'))).toBe(false);
    expect(scene.names()).toEqual(scene.before);
  });

  test('ends when a host shows another certificate than vSphere knows of it, and says whose it is', async () => {
    const scene = await open();
    const stranger = await serveFolder(scene.folder);
    onTestFinished(() => stranger.close());
    scene.leases.host = new URL(stranger.url).host;
    const ended = await scene.ovfkit(importTo(scene));
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toMatch(/The host 127\.0\.0\.1 shows another certificate than vSphere knows of it: expected/);
    expect(ended.stderr).toMatch(/Nothing was left of sample/);
    expect(ended.stderr).toMatch(/^next: When the host has a new certificate, disconnect and connect it in vSphere/m);
    expect([scene.names(), await scene.leftBehind()]).toEqual([scene.before, []]);
  });

  test('ends when the host has received something else', async () => {
    const scene = await open();
    scene.leases.checksum = 'ab'.repeat(32);
    const ended = await scene.ovfkit(importTo(scene));
    expect(ended.exitCode).toBe(4);
    expect(ended.stderr).toMatch(/received something else than sample-disk1\.vmdk.*Nothing was left of sample/is);
    expect(scene.names()).toEqual(scene.before);
  });

  const steps = [
    ...['CreateImportSpec', 'ImportVApp', 'HttpNfcLeaseSetManifestChecksumType', 'HttpNfcLeaseGetManifest'],
    ...['HttpNfcLeaseComplete', 'ReconfigVM_Task'],
  ];
  test.each(steps)('that is given up during %s leaves nothing, there and here', async (step) => {
    const scene = await open();
    const stopping = new AbortController();
    scene.server.trouble(step, { meanwhile: () => stopping.abort() });
    const ended = await scene.ovfkit(importTo(scene), { signal: stopping.signal });
    expect(ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('Canceled by SIGINT') });
    expect([scene.names(), await scene.leftBehind()]).toEqual([scene.before, []]);
  });

  test('that is killed while a lease holds its machine is made anew by the same command when the lease lets go', async () => {
    const scene = await open();
    const killing = new AbortController();
    scene.server.trouble('HttpNfcLeaseGetManifest', { meanwhile: () => killing.abort() });
    await scene.ovfkit(importTo(scene), { killSignal: killing.signal });
    expect(scene.names()).toEqual([...scene.before, 'sample']);
    scene.server.trouble('Destroy_Task', { meanwhile: () => setTimeout(() => scene.leases.expire(), 1_000) });
    const ended = await scene.ovfkit(importTo(scene));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toMatch(/A lease still holds what was left \(virtual machine vm-\d+, half made\)/);
    expect([scene.names(), await scene.leftBehind()]).toEqual([[...scene.before, 'sample'], []]);
  });
});
