import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runOvfkit } from '../src/ovfkit.ts';
import { type Service, startService } from '../src/service.ts';
import { mib, resultOf } from './support/scene.ts';
import { openVcsimScene } from './support/vcsim-scene.ts';

async function open(via: 'lease' | 'library') {
  const scene = await openVcsimScene([], [256 * mib]);
  onTestFinished(() => scene.close());
  const { url, user, password, thumbprint } = scene.vcsim;
  const items = await scene.makeLibrary('staging');
  const passwordFile = join(scene.folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  const flags = [
    ...['--vsphere-url', url, '--vsphere-user', user, '--vsphere-thumbprint', thumbprint],
    ...['--vsphere-password-file', passwordFile, '--vsphere-via', via],
  ];
  const config = join(scene.folder, 'gateway-config');
  const gateway = (words: readonly string[], options: object = {}) => runOvfkit(words, { config, ...options });
  const start = (port = 0): Promise<Service> => startService({ data: join(scene.folder, 'gateway'), port, flags });
  const first = await start();
  const target = ['target', 'add', 'lab', first.url, '--user', first.user, '--thumbprint', first.thumbprint];
  await gateway([...target, '--password-stdin'], { input: first.password });
  const words = [
    ...['import', scene.appliance, '--to', 'lab', '--pool', '/DC0/host/DC0_C0', '--folder', '/DC0/vm'],
    ...['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula', '--json'],
  ];
  return { ...scene, items, first, start, gateway, words, before: await scene.machines() };
}

describe('a gateway by way of the content library', () => {
  test('makes the machine from an item, which goes again', async () => {
    const { first, gateway, words, machines, before, items } = await open('library');
    onTestFinished(async () => void (await first.stop()));
    expect(resultOf(await gateway(words))).toMatchObject({ status: 'succeeded' });
    expect([await machines(), await items()]).toEqual([[...before, 'sample'].toSorted(), 0]);
  });
});

/**
 * A gateway that is killed while it makes a machine, and started again. Told is what the import came to, and whether the gateway was killed too
 * late: the simulator, unlike a vCenter, drops the extra configuration of what its library deploys, so that nobody finds a machine that was
 * deployed when the gateway was killed.
 */
async function killWhileMaking(via: 'lease' | 'library') {
  const { first, start, gateway, words, machines, before, items } = await open(via);
  let again: Promise<Service> | undefined;
  let isLate = false;
  const begun = async (): Promise<boolean> =>
    via === 'lease' ? (await machines()).length > before.length : (await items()) > 0;
  const killing = vi
    .waitFor(async () => expect(await begun()).toBe(true), { timeout: 60_000, interval: 20 })
    .then(async () => {
      await first.kill();
      isLate = via === 'library' && (await machines()).length > before.length;
      again = start(Number(new URL(first.url).port));
      await again;
    });
  const ended = await gateway(words);
  await killing;
  onTestFinished(async () => void (await (await again)?.stop()));
  return { ended, isLate, left: [await machines(), await items()], before };
}

describe.each(['lease', 'library'] as const)(
  'a gateway that is killed while it makes a machine by way of a %s',
  (via) => {
    test('removes what it has left at its start, and makes the machine once', async () => {
      let killed = await killWhileMaking(via);
      for (let more = 3; killed.isLate && more > 0; more -= 1) killed = await killWhileMaking(via);
      const { ended, isLate, left, before } = killed;
      expect(isLate).toBe(false);
      expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
      expect(left).toEqual([[...before, 'sample'].toSorted(), 0]);
    });
  },
);
