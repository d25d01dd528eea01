import { createReadStream } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Ended, jsonLines } from '../src/ovfkit.ts';
import { filteredPort, refusedPort } from './support/dead-ports.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene, type Switches, type VcenterScene } from './support/vcenter-scene.ts';

async function open(switches: Partial<Switches> = {}): Promise<VcenterScene> {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, switches);
  return scene;
}

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;
const sessionsOff = { sessionApi: 'off' } as const;
const leaseOnly = { sessionApi: 'off', library: 'off' } as const;

/** An import by whatever way there is; by vim25 it needs a place. */
const importTo = (scene: VcenterScene, path = '/DC%201/host/cluster%201'): Promise<Ended> =>
  scene.ovfkit([
    ...['import', scene.appliance, '--to', `${scene.locator}${path}`, '--thumbprint', scene.thumbprint, '--json'],
    ...(path === '' ? [] : ['--datastore', 'ssd']),
    ...nets,
  ]);

const informationOf = ({ stdout }: Ended): readonly string[] =>
  jsonLines(stdout).flatMap(({ type, message }) => (type === 'information' ? [String(message)] : []));

describe('an import by the best way there is', () => {
  test('goes by sessions where the vCenter has them', async () => {
    const scene = await open();
    const before = scene.names();
    const ended = await importTo(scene, '');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(informationOf(ended).filter((each) => each.startsWith('By way'))).toEqual([]);
    expect(scene.names()).toEqual(before);
  });

  test('goes by a lease without sessions and library, and says why', async () => {
    const scene = await open(leaseOnly);
    const before = scene.names();
    const ended = await importTo(scene);
    expect(ended.stderr).toBe('');
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(informationOf(ended)).toContain(
      'By way of a lease, for the target has no OVF session API and no content library.',
    );
    expect(scene.names()).toEqual([...before, 'sample']);
    expect(await scene.leftBehind()).toEqual([]);
  });

  test('takes a package from a pipe where there is no session of the target', async () => {
    const scene = await open(leaseOnly);
    const to = ['--to', `${scene.locator}/DC%201/host/cluster%201`, '--thumbprint', scene.thumbprint];
    const ended = await scene.ovfkit(['import', '-', ...to, '--datastore', 'ssd', ...nets, '--json'], {
      input: createReadStream(scene.appliance),
    });
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(scene.names()).toContain('sample');
    expect(await scene.leftBehind()).toEqual([]);
  });

  test('goes by a lease to a host that has no REST API, and says so', async () => {
    const scene = await open({ rest: 'off' });
    const ended = await importTo(scene);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(informationOf(ended)[0]).toBe(
      'By way of a lease, for the target has no REST API, as an ESXi host has none.',
    );
    expect(scene.names()).toContain('sample');
  });

  test.each([
    ['forbidden', { exitCode: 5, text: 'may not use the OVF session API' }],
    ['overloaded', { exitCode: 6, text: 'does not say whether it has the OVF session API' }],
  ] as const)('does not go around a session API that is %s', async (sessionApi, { exitCode, text }) => {
    const scene = await open({ sessionApi });
    const before = scene.names();
    expect(await importTo(scene)).toMatchObject({ exitCode, stderr: expect.stringContaining(text) });
    expect(scene.names()).toEqual(before);
  });

  test('tells of a host that refuses connections, and leaves nothing', async () => {
    const scene = await open(leaseOnly);
    const before = scene.names();
    scene.leases.host = `127.0.0.1:${await refusedPort()}`;
    const ended = await importTo(scene);
    expect(ended.exitCode).toBe(6);
    expect(ended.stderr).toMatch(/Nothing listens at 127\.0\.0\.1:\d+\. .*Nothing was left of sample/);
    expect(scene.names()).toEqual(before);
    expect(await scene.leftBehind()).toEqual([]);
  });
});

/** One hop after the other: `connection: failed`. */
interface Hop {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
}

async function walk(scene: VcenterScene, ...words: readonly string[]) {
  const given = words.length > 0 ? words : [scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint];
  const { exitCode, stdout, stderr } = await scene.ovfkit(['target', 'test', ...given, '--json']);
  const { hops }: { hops: readonly Hop[] } = JSON.parse(stdout);
  const hop = (name: string): string => {
    const found = hops.find((each) => each.name === name);
    return `${found?.status}: ${found?.detail}`;
  };
  return { exitCode, stderr, hop, failed: hops.find(({ status }) => status === 'failed')?.name };
}

describe('a test of a target', () => {
  test.each<readonly [string, { switches: Partial<Switches>; hop: string; text: RegExp }]>([
    ['everything', { switches: {}, hop: 'way in', text: /^ok: session, for the target has the OVF session API$/ }],
    ['no sessions', { switches: sessionsOff, hop: 'session API', text: /^absent: there is none here/ }],
    ['no library', { switches: { library: 'off' }, hop: 'content library', text: /^absent: there is none here/ }],
    ['neither', { switches: leaseOnly, hop: 'way in', text: /^ok: lease, for .* no host answers here/ }],
    ['no REST API', { switches: { rest: 'off' }, hop: 'login', text: /^absent: the target has no REST API/ }],
    ['no vim25', { switches: { vim: 'off' }, hop: 'vim25', text: /^absent: the target does not speak vim25$/ }],
    [
      'forbidden sessions',
      { switches: { sessionApi: 'forbidden' }, hop: 'session API', text: /^warning: the user may not use/ },
    ],
    [
      'overloaded sessions',
      { switches: { sessionApi: 'overloaded' }, hop: 'session API', text: /^warning: .*try again later$/ },
    ],
  ])('with %s says so at the hop', async (_, { switches, hop, text }) => {
    const scene = await open(switches);
    expect((await walk(scene)).hop(hop)).toMatch(text);
  });

  test('names the first hop that fails, and why', async () => {
    const scene = await open();
    const { url, user, thumbprint, port } = scene;
    const login = ['--user', user];
    const nowhere = await walk(scene, 'https://no-such-host.invalid', ...login);
    expect([nowhere.failed, nowhere.exitCode, nowhere.hop('name')]).toEqual([
      'name',
      6,
      expect.stringMatching(/no-such-host\.invalid:443 cannot be resolved\. Check its spelling/),
    ]);
    expect(nowhere.stderr).toMatch(/^next: Check the address and the network/m);
    const refused = await walk(scene, `https://127.0.0.1:${await refusedPort()}`, ...login);
    expect([refused.failed, refused.exitCode, refused.hop('connection')]).toEqual([
      'connection',
      6,
      expect.stringMatching(/Nothing listens at 127\.0\.0\.1:\d+/),
    ]);
    const plain = await walk(scene, scene.server.url.replace('http:', 'https:'), ...login);
    expect([plain.failed, plain.exitCode]).toEqual(['TLS', 6]);
    const untrusted = await walk(scene, url, ...login);
    expect([untrusted.failed, untrusted.exitCode, untrusted.hop('trust')]).toEqual([
      'trust',
      6,
      expect.stringMatching(/not trusted: it is signed by itself, .*SELF_SIGNED/),
    ]);
    const wrong = await walk(scene, url, ...login, '--thumbprint', 'AB:'.repeat(31).concat('AB'));
    expect([wrong.failed, wrong.hop('trust')]).toEqual([
      'trust',
      'failed: not trusted: the certificate is not the pinned one',
    ]);
    const stranger = await walk(scene, url, '--user', 'nobody', '--thumbprint', thumbprint);
    expect([stranger.failed, stranger.exitCode]).toEqual(['login', 5]);
    expect(port).toBeGreaterThan(0);
  });

  test('says of a server that is something else that it is, and of hosts in the way what to do', async () => {
    const scene = await open({ rest: 'off', vim: 'off' });
    const stranger = await walk(scene);
    expect([stranger.failed, stranger.exitCode]).toEqual(['vim25', 5]);
    expect(stranger.hop('vim25')).toMatch(/this is no vCenter, ESXi host or ovfkitd/);
    expect(stranger.stderr).toMatch(/^next: Check host and port: something else listens there\.$/m);
    Object.assign(scene.switches, { vim: 'on' });
    const words = ['target', 'test', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint];
    const { exitCode, stdout } = await scene.ovfkit(words);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/The host name of esx1\.example\.com:443 cannot be resolved/),
    ]);
    expect(stdout).toMatch(/^next \(host esx1\.example\.com, host .*\): Only a lease sends to hosts/m);
  });

  test('tells of a port that drops what comes', async () => {
    const scene = await open();
    const filtered = await filteredPort();
    onTestFinished(() => filtered.close());
    const { failed, exitCode, hop } = await walk(scene, `https://127.0.0.1:${filtered.port}`, '--user', scene.user);
    expect([failed, exitCode, hop('connection')]).toEqual(['connection', 7, expect.stringMatching(/10 s/)]);
  });

  test('that is broken off has failed at no hop', async () => {
    const scene = await open(leaseOnly);
    const controller = new AbortController();
    const meanwhile = (): void => {
      scene.switches.vim = 'silent';
      controller.abort();
    };
    scene.server.trouble('HasPrivilegeOnEntities', { meanwhile });
    const words = ['target', 'test', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint];
    const { exitCode, stdout, stderr } = await scene.ovfkit(words, { signal: controller.signal });
    expect([exitCode, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/Canceled by SIGINT/);
  });

  test('tells which privileges the user lacks, and on how much it has them', async () => {
    const scene = await open(leaseOnly);
    for (const pool of ['resgroup-11', 'resgroup-12', 'resgroup-21']) scene.denied.add(`${pool} VApp.Import`);
    scene.denied.add('datastore-31 Datastore.AllocateSpace');
    expect((await walk(scene)).hop('privileges')).toBe('warning: the user lacks VApp.Import everywhere it is needed');
    scene.denied.delete('resgroup-11 VApp.Import');
    expect((await walk(scene)).hop('privileges')).toMatch(
      /^ok: VApp\.Import \(on 1 of 3\), Datastore\.AllocateSpace \(on 1 of 2\), Network\.Assign, VApp\.Export$/,
    );
  });
});
