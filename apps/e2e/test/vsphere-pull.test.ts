import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { VimServerFault } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { serveFolder } from '../src/file-server.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

/** A vCenter with leases alone, whose hosts fetch files themselves, and a server that has the package. */
async function open() {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  scene.leases.canPull = true;
  const files = await serveFolder(dirname(scene.appliance), 'http');
  onTestFinished(() => files.close());
  const at = ['--to', `${scene.locator}/DC%201/host/cluster%201`, '--thumbprint', scene.thumbprint];
  const words = (command: string, source: string, ...more: readonly string[]) =>
    scene.ovfkit([command, source, ...at, '--datastore', 'ssd', '--json', ...nets, ...more]);
  return { ...scene, archive: `${files.url}sample.ova`, words };
}

const informationOf = (stdout: string) =>
  jsonLines(stdout).flatMap(({ type, message }) => (type === 'information' ? [String(message)] : []));

test('the hosts of a lease fetch an archive at a URL, member by member, and no disk passes through the client', async () => {
  const { words, archive, leases, names } = await open();
  const ended = await words('import', archive);
  expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
  expect(Number(resultOf(ended)['bytesSent'])).toBeLessThan(1_000); // texts of a message bundle go with the question
  expect(informationOf(ended.stdout).filter((text) => text.includes('sent from here'))).toEqual([]);
  expect(leases.requests).toEqual([]);
  expect(names()).toContain('sample');
});

test('what the hosts do not fetch is sent, and told; with --pull it is not, and nothing is made', async () => {
  const { words, archive, leases, names, server } = await open();
  const before = names();
  const refusal = { fault: new VimServerFault('CannotAccessFile', 'no way there') };
  server.trouble('HttpNfcLeasePullFromUrls_Task', refusal, 2);
  const insisted = await words('import', archive, '--pull');
  expect(insisted.exitCode).not.toBe(0);
  expect(names()).toEqual(before);
  const sent = await words('import', archive);
  expect(resultOf(sent)).toMatchObject({ status: 'succeeded' });
  expect(informationOf(sent.stdout).at(-1)).toMatch(/sent from here: no way there/);
  expect(leases.requests).not.toEqual([]);
});

test('a plan tells what keeps the hosts from fetching a package that they have to, beside all the rest', async () => {
  const { words, archive, server } = await open();
  const address = archive.replace('://', '://user:secret@');
  const planned = await words('plan', address, '--pull', '--folder', 'none');
  const plan = jsonLines(planned.stdout).find(({ type }) => type === 'plan');
  expect(plan?.['problems']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ check: 'place', severity: 'error' }),
      expect.objectContaining({
        ...{ check: 'package', severity: 'error', exitCode: 5 },
        message: 'The target cannot fetch the package itself: its address has a password',
      }),
    ]),
  );
  expect(planned.stdout).not.toContain('secret');
  expect(server.calls.some((call) => call.endsWith('ImportVApp'))).toBe(false);
});
