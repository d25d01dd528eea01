import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addCrowd } from '../../../packages/vsphere/test/support/vim-server/crowd.ts';
import { change, sampleOf } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { connectHosts } from '../../../packages/vsphere/test/support/vim-server/reach.ts';
import { reference } from '../../../packages/vsphere/test/support/vim-server/sample-devices.ts';
import { addMachine } from '../../../packages/vsphere/test/support/vim-server/sample-vcenter.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

const TiB = 2 ** 40;
const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

/** A vCenter without sessions, whose second host has most room, for itself alone. */
async function open() {
  const scene = await openVcenterScene();
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  const { model } = scene.server;
  connectHosts(model, [{ host: 'host-14', id: 'datastore-38', name: 'local2', freeSpace: 16 * TiB }]);
  change(sampleOf(model, 'datastore-31'), 'summary', { freeSpace: 8 * TiB });
  const to = ['--to', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint, '--json'];
  const run = (command: string, ...words: readonly string[]) =>
    scene.ovfkit([command, scene.appliance, ...to, ...nets, ...words]);
  const plan = async (...words: readonly string[]) => {
    const { stdout } = await run('plan', ...words);
    const found = jsonLines(stdout).find(({ type }) => type === 'plan');
    // the schema of a plan is tested elsewhere
    const all = (found?.['problems'] ?? []) as readonly Readonly<Record<string, unknown>>[];
    const problems = all.filter(({ check }) => check !== 'target'); // its hosts are nowhere
    return { ...found, problems, exitCode: found?.['exitCode'] };
  };
  return { ...scene, model, run, plan };
}

const cluster = ['--cluster', 'cluster 1'] as const;

describe('where a machine goes', () => {
  test('may be a path, and one that leads nowhere is told with what there is, beside all the rest', async () => {
    const { plan } = await open();
    expect(await plan('--cluster', '/DC 1/host/cluster 1')).toMatchObject({
      exitCode: 0,
      placement: { cluster: { name: 'cluster 1' }, resourcePool: { name: 'Resources' } },
    });
    expect(await plan('--cluster', '/DC 1/host/cluster 7', '--deployment-option', 'none')).toMatchObject({
      exitCode: 2,
      problems: [
        {
          ...{ check: 'place', message: 'The target has no cluster or host "cluster 7"' },
          ...{ details: expect.arrayContaining(['cluster 1 (domain-c10)']), hint: 'Did you mean cluster 1?' },
        },
        { check: 'option', hint: 'Choose one with --deployment-option.' },
      ],
    });
  });

  test('in a folder that is not there no name is free, and what was asked for and is not there is not stood in for', async () => {
    const { plan } = await open();
    const found = await plan(...cluster, '--folder', 'none', '--datastore', 'none');
    expect(found).toMatchObject({ problems: [{ check: 'place' }, { check: 'storage' }] });
    const checks = JSON.stringify(found);
    expect(checks).toContain('{"check":"name","status":"unknown","detail":""}');
    expect(checks).toContain('{"check":"storage","status":"failed","detail":""}');
  });

  test('has hosts, of which those that do not answer are told where a lease needs them', async () => {
    const { run } = await open();
    const warningsOf = async (...words: readonly string[]) => {
      const found = jsonLines((await run('plan', ...words)).stdout).find(({ type }) => type === 'plan');
      expect(found?.['exitCode']).toBe(0);
      return JSON.stringify(found?.['problems']);
    };
    const both = await warningsOf(...cluster);
    expect(both).toMatch(/"check":"target","severity":"warning".*Of 2 hosts .* 2 do not answer from here/);
    expect(both).toMatch(
      /"esx1\.example\.com: [^"]+ resolved[^"]*","esx2\.example\.com: [^"]+ resolved.*--via library/,
    );
    expect(await warningsOf(...cluster, '--host', 'esx1.example.com')).toMatch(/Of the one host .* 1 does not answer/);
  });
});

describe('the datastore of an import', () => {
  test('is the one with most room of those that a host of the pool has, and the others are told', async () => {
    const { plan, model } = await open();
    const found = await plan(...cluster);
    expect(found).toMatchObject({ exitCode: 0, storage: { datastore: { name: 'local2', freeSpace: 16 * TiB } } });
    expect(found).toMatchObject({ datastoresOffered: [{ name: 'ssd' }, { name: 'archive' }, { name: 'local2' }] });
    const onFirst = await plan(...cluster, '--host', 'esx1.example.com');
    expect(onFirst).toMatchObject({ exitCode: 0, storage: { datastore: { name: 'archive' } } });
    change(sampleOf(model, 'host-14'), 'runtime', { inMaintenanceMode: true });
    expect(await plan(...cluster)).toMatchObject({ storage: { datastore: { name: 'archive' } } });
    change(sampleOf(model, 'datastore-31'), 'summary', { maintenanceMode: 'inMaintenance' });
    expect(await plan(...cluster)).toMatchObject({ storage: { datastore: { name: 'ssd' } } });
  });

  test('is where the import makes the machine', async () => {
    const { run, model } = await open();
    const { vmId = '' } = resultOf(await run('import', ...cluster, '--host', 'host-13', '-n', 'placed'));
    const spec = sampleOf(model, String(vmId));
    expect(JSON.stringify(spec.properties)).not.toContain('datastore-38');
  });

  test('that no host of the pool has, or the user may not fill, is refused with the others', async () => {
    const { plan, denied } = await open();
    const far = await plan('--host', 'esx3.example.com', '--datastore', 'ssd');
    expect(far).toMatchObject({
      exitCode: 5,
      problems: [
        {
          check: 'storage',
          message: 'The datastore ssd cannot be used: no host there that runs machines has it',
          details: ['can be used: archive (datastore-31)'],
        },
      ],
    });
    denied.add('datastore-30 Datastore.AllocateSpace');
    expect((await plan(...cluster, '--datastore', 'ssd')).problems).toMatchObject([
      { message: expect.stringMatching(/ssd cannot be used: this user lacks .*AllocateSpace/) },
    ]);
    for (const id of ['datastore-31', 'datastore-38']) denied.add(`${id} Datastore.AllocateSpace`);
    expect(await plan(...cluster)).toMatchObject({
      exitCode: 5,
      problems: [{ check: 'storage', message: 'No datastore of the target can be used' }],
    });
  });
});

describe('the networks of an import', () => {
  test('are those that a host of the pool has', async () => {
    const { plan } = await open();
    const alone = ['--host', 'esx3.example.com', '--net', 'Backend=prod'] as const;
    expect(await plan(...alone)).toMatchObject({
      exitCode: 2,
      networksOffered: [{ name: 'VM Network' }, { name: 'segment' }],
      problems: [
        {
          check: 'networks',
          message: 'No host of the pool has the network "prod"',
          details: ['VM Network (network-32)', 'segment (network-o35)'],
        },
      ],
    });
  });

  test('are refused where the user may not connect machines to them', async () => {
    const { plan, denied } = await open();
    denied.add('dvportgroup-33 Network.Assign');
    expect((await plan(...cluster, '--net', 'Backend=prod')).problems).toMatchObject([
      { check: 'networks', exitCode: 5, message: 'This user may not connect Backend to prod' },
    ]);
  });
});

describe('the host of an import', () => {
  test('says the pool, and has to be one of the pool', async () => {
    const { plan } = await open();
    expect(await plan('--host', 'esx3.example.com')).toMatchObject({
      exitCode: 0,
      placement: { resourcePool: { id: 'resgroup-21' }, host: { id: 'host-22' } },
    });
    expect(await plan('--host', 'esx2.example.com')).toMatchObject({
      placement: { resourcePool: { id: 'resgroup-11' } },
    });
    expect((await plan('--pool', 'builds', '--host', 'esx3.example.com')).problems).toMatchObject([
      {
        check: 'place',
        exitCode: 2,
        message: 'The host esx3.example.com is none of the pool builds',
        details: ['esx1.example.com (host-13)', 'esx2.example.com (host-14)'],
      },
    ]);
  });

  test('has to answer, and to be out of maintenance', async () => {
    const { plan, model } = await open();
    change(sampleOf(model, 'host-13'), 'runtime', { connectionState: 'notResponding' });
    expect(await plan(...cluster, '--host', 'host-13')).toMatchObject({
      exitCode: 5,
      problems: [
        {
          check: 'place',
          message: 'The host esx1.example.com is not responding',
          details: ['esx2.example.com (host-14)'],
        },
      ],
    });
    change(sampleOf(model, 'host-14'), 'runtime', { inMaintenanceMode: true });
    expect(await plan(...cluster)).toMatchObject({
      exitCode: 5,
      problems: [{ message: expect.stringMatching(/^No host runs machines there: all are in maintenance/) }],
    });
  });
});

test('a user who may not make machines in the pool is told before anything is sent', async () => {
  const { plan, run, denied, server } = await open();
  denied.add('resgroup-11 VApp.Import');
  expect(await plan(...cluster)).toMatchObject({
    exitCode: 5,
    problems: [{ check: 'privileges', message: 'This user lacks the privilege VApp.Import on the pool Resources' }],
  });
  expect(await run('import', ...cluster)).toMatchObject({ exitCode: 5 });
  expect(server.calls.some((call) => call.endsWith('ImportVApp'))).toBe(false);
});

describe('a name that is taken', () => {
  async function withNeighbour() {
    const scene = await open();
    addMachine(scene.model, {
      value: 'vm-45',
      name: 'shop',
      parent: reference('Folder', 'group-v7'),
      resourcePool: reference('ResourcePool', 'resgroup-11'),
    });
    return scene;
  }

  test.each(['fail', 'skip', 'replace', 'rename'])(
    'in another folder means nothing to --if-exists %s',
    async (what) => {
      const { run, model } = await withNeighbour();
      const ended = await run('import', ...cluster, '-n', 'shop', '--if-exists', what);
      expect(resultOf(ended)).toMatchObject({ status: 'succeeded', vmId: expect.stringMatching(/^vm-1/) });
      expect(resultOf(ended)).not.toHaveProperty('skipped');
      const named = model.all().filter(({ properties }) => properties['name'] === 'shop');
      expect(named.map(({ properties }) => properties['parent'])).toMatchObject([
        { value: 'group-v7' },
        { value: 'group-v3' },
      ]);
    },
  );

  test.each([
    ['skip', { existing: { id: 'vm-45', fate: 'stays' }, name: 'shop' }],
    ['replace', { existing: { id: 'vm-45', fate: 'replaced' }, name: 'shop' }],
    ['rename', { name: 'shop-2' }],
  ])('is no error of a plan that says what becomes of it: --if-exists %s', async (what, planned) => {
    const { plan } = await withNeighbour();
    const words = ['-n', 'shop', '--if-exists', what, '--folder', 'R&D/web'];
    expect(await plan(...cluster, ...words)).toMatchObject({ exitCode: 0, problems: [], ...planned });
  });

  test('in the folder of the import is the one that is replaced', async () => {
    const { run, model } = await withNeighbour();
    const words = ['-n', 'shop', '--if-exists', 'replace', '--folder', 'R&D/web'];
    expect(resultOf(await run('import', ...cluster, ...words))).toMatchObject({ status: 'succeeded' });
    const named = model.all().filter(({ properties }) => properties['name'] === 'shop');
    expect(named.map(({ ref, properties }) => [ref.value === 'vm-45', properties['parent']])).toMatchObject([
      [false, { value: 'group-v7' }],
    ]);
  });
});

describe('a vCenter with a thousand machines', () => {
  test('is not looked through for an import, for names that may be taken, nor for an export', async () => {
    const { model, run, ovfkit, locator, thumbprint, folder } = await open();
    const looked = addCrowd(model, 1_000);
    const place = [...cluster, '--host', 'esx1.example.com', '-n', 'placed'] as const;
    expect(resultOf(await run('import', ...place))).toMatchObject({ status: 'succeeded' });
    expect(resultOf(await run('import', ...place, '--if-exists', 'replace'))).toMatchObject({ status: 'succeeded' });
    expect(await run('import', ...place)).toMatchObject({ exitCode: 5 });
    expect(looked()).toBe(0);
    const trust = ['--thumbprint', thumbprint, '--json'];
    for (const from of [[`${locator}/DC 1/vm/placed`], ['placed', '--from', locator]]) {
      const ended = await ovfkit(['export', ...from, ...trust, '-o', join(folder, 'out'), '--overwrite']);
      expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    }
    expect(looked()).toBe(0);
  });
});
