import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { createRestBackend } from '@ovfkit/rest';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runOvfkit } from '../src/ovfkit.ts';
import { type Service, startService } from '../src/service.ts';
import { refusedPort } from './support/dead-ports.ts';
import { openRelay } from './support/relay.ts';
import { mib, resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

interface Told {
  readonly status: number | undefined;
  readonly body: unknown;
}

/** What a service tells whoever watches it. */
async function told({ url }: Service, path: string): Promise<Told> {
  const asked = request(new URL(path, url), { rejectUnauthorized: false }).end();
  const [response] = await once(asked, 'response');
  return { status: response.statusCode, body: await json(response) };
}

/** A gateway to a vCenter of our own, over a line that is cut to begin with. */
async function open(capacities?: readonly number[]) {
  const scene = await openVcenterScene(capacities);
  onTestFinished(() => scene.close());
  const relay = await openRelay(scene.port, await refusedPort());
  onTestFinished(() => relay.cut());
  const passwordFile = join(scene.folder, 'password');
  await writeFile(passwordFile, scene.password, { mode: 0o600 });
  const flags = [
    ...['--vsphere-url', `https://127.0.0.1:${relay.port}`, '--vsphere-user', scene.user],
    ...['--vsphere-thumbprint', scene.thumbprint, '--vsphere-password-file', passwordFile],
  ];
  const config = join(scene.folder, 'gateway-config');
  const ovfkit = (words: readonly string[], options: object = {}) => runOvfkit(words, { config, ...options });
  const start = async (port = 0): Promise<Service> => {
    const service = await startService({ data: join(scene.folder, 'gateway'), port, flags });
    const { url, user, thumbprint, password } = service;
    const target = ['target', 'add', 'lab', url, '--user', user, '--thumbprint', thumbprint, '--password-stdin'];
    if (port === 0) await ovfkit(target, { input: password });
    return service;
  };
  const words = [
    ...[
      'import',
      scene.appliance,
      '--to',
      'lab',
      '--cluster',
      'cluster 1',
      '--folder',
      '/DC 1/vm',
      '--datastore',
      'ssd',
    ],
    ...['--net', 'Frontend=VM Network', '--net', 'Backend=prod', '--accept-eula', '--json'],
  ];
  return { ...scene, relay, start, gateway: ovfkit, words, before: scene.names() };
}

describe('a gateway', () => {
  test('starts while its vCenter is away, says so, and works as soon as that is there', async () => {
    const { relay, start, gateway, words, names, before } = await open();
    const service = await start();
    onTestFinished(async () => void (await service.stop()));
    expect(await told(service, '/health')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await told(service, '/ready')).toEqual({
      status: 503,
      body: { status: 'unavailable', vsphere: 'unavailable' },
    });
    const refused = await gateway(words);
    expect(refused.exitCode).toBe(6);
    expect(refused.stderr).toMatch(/The vCenter at https:\/\/127\.0\.0\.1:\d+ is away: .* It is tried again\./);
    await relay.mend();
    const ready = { status: 200, body: { status: 'ready', vsphere: 'available' } };
    await vi.waitFor(async () => expect(await told(service, '/ready')).toEqual(ready), { timeout: 60_000 });
    expect(await gateway(words)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(names()).toEqual([...before, 'sample']);
    await relay.cut();
    await vi.waitFor(async () => expect((await told(service, '/ready')).status).toBe(503), { timeout: 30_000 });
  });

  test('starts a vApp of its vCenter as one', async () => {
    const { relay, start, server } = await open();
    await relay.mend();
    const { url, user, password, thumbprint, stop } = await start();
    onTestFinished(async () => void (await stop()));
    const backend = await createRestBackend({ url, user, password, thumbprint });
    onTestFinished(() => backend.close());
    await backend.inventory.vapp.start({ vapp: 'resgroup-v40' });
    expect(server.calls.filter((call) => call.includes('PowerOn')).map((call) => call.split('.').at(-1))).toEqual([
      'PowerOnVApp_Task',
    ]);
    expect((await backend.inventory.power.get({ vm: 'vm-41' })).state).toBe('POWERED_ON');
  });

  test('keeps what was sent to it while its vCenter is away, and makes the machine when that is back', async () => {
    const { relay, start, gateway, words, names, before } = await open([64 * mib]);
    await relay.mend();
    const service = await start();
    onTestFinished(async () => void (await service.stop()));
    let isCut = false;
    const onLine = (line: string): void => {
      if (isCut || !line.includes('"type":"file"')) return;
      isCut = true;
      void relay.cut().then(() => setTimeout(() => void relay.mend(), 4_000));
    };
    const ended = await gateway(words, { onLine });
    expect(isCut).toBe(true);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(names()).toEqual([...before, 'sample']);
  });

  test('that is killed while bytes come goes on with them when it is there again', async () => {
    const { relay, start, gateway, words, names, before } = await open([256 * mib]);
    await relay.mend();
    const first = await start();
    let again: Promise<Service> | undefined;
    const onLine = (line: string): void => {
      if (again !== undefined || !line.includes('"type":"file"')) return;
      again = first.kill().then(() => start(Number(new URL(first.url).port)));
    };
    const ended = await gateway(words, { onLine });
    onTestFinished(async () => void (await (await again)?.stop()));
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(names()).toEqual([...before, 'sample']);
  });

  test('does not start with a password that the vCenter refuses', async () => {
    const { relay, start, folder } = await open();
    await relay.mend();
    await writeFile(join(folder, 'password'), 'another', { mode: 0o600 });
    await expect(start()).rejects.toThrow(/incorrect user name or password/);
  });
});
