import { expect, onTestFinished, test } from 'vitest';
import { filteredPort } from './support/dead-ports.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

test('an import whose host drops what comes ends, says which host it is, and leaves nothing', async () => {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  const filtered = await filteredPort();
  onTestFinished(() => filtered.close());
  const before = scene.names();
  scene.leases.host = `127.0.0.1:${filtered.port}`;
  const ended = await scene.ovfkit([
    ...[
      'import',
      scene.appliance,
      '--to',
      `${scene.locator}/DC%201/host/cluster%201`,
      '--thumbprint',
      scene.thumbprint,
    ],
    ...['--via', 'lease', '--datastore', 'ssd', '--net', 'Frontend=VM Network', '--net', 'Backend=VM Network'],
    '--accept-eula',
  ]);
  expect(ended.exitCode).toBe(7);
  expect(ended.stderr).toContain(`127.0.0.1:${filtered.port} did not accept a connection`);
  expect(ended.stderr).toContain('Nothing was left of sample');
  expect(scene.names()).toEqual(before);
  expect(await scene.leftBehind()).toEqual([]);
}, 300_000);

test('Ctrl-C when a vCenter has fallen silent ends the command, which says why it waits and what is left', async () => {
  const scene = await openVcenterScene([64 * 1024 ** 2]);
  onTestFinished(() => scene.close());
  const before = scene.names();
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (!line.includes('"type":"file"') || scene.names().length === before.length) return;
    scene.switches.vim = 'silent';
    controller.abort();
  };
  const words = ['import', scene.appliance, '--to', `${scene.locator}/DC%201/host/cluster%201`, '--via', 'lease'];
  const options = ['--thumbprint', scene.thumbprint, '--datastore', 'ssd', '--accept-eula', '--json'];
  const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network'];
  const ended = await scene.ovfkit([...words, ...options, ...nets], { signal: controller.signal, onLine });
  expect(ended.exitCode).toBe(130);
  expect(ended.stderr).toMatch(/^Cleaning up\. Ctrl-C again ends at once/m);
  expect(ended.stdout).toMatch(/could not be removed: .* has not answered for \d+ s\. vSphere removes it itself/);
  scene.switches.vim = 'on';
  scene.leases.expire();
  const { stdout } = await scene.ovfkit(['sessions', 'gc']);
  expect(stdout).toContain('removed: its process is gone');
  expect([scene.names(), await scene.leftBehind()]).toEqual([before, []]);
}, 120_000);
