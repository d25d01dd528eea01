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
