import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, jsonLines } from '../src/ovfkit.ts';
import { packAppliance } from '../src/sample-appliance.ts';
import { needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let archive: string;
beforeAll(async () => {
  scene = await openScene();
  archive = await scene.pack();
});
afterAll(() => scene.close());

const planLine = ({ stdout }: Ended): Readonly<Record<string, unknown>> =>
  jsonLines(stdout).find(({ type }) => type === 'plan') ?? {};

async function nothingWasMade(): Promise<void> {
  const rest = await scene.rest();
  expect(await rest.listVms()).toEqual([]);
  expect(await rest.listImportSessions()).toEqual([]);
}

describe('a plan', () => {
  test('of an import that would succeed shows where everything goes, and ends with 0', async () => {
    const plan = await scene.ovfkit([
      'plan',
      archive,
      '--to',
      'lab',
      '-n',
      'one',
      ...needed,
      '--prop',
      'hostname=web01',
    ]);
    expect(plan).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The import would succeed.') });
    expect(plan.stdout).toMatch(/Frontend +VM Network \(network-7\) +VM Network \(network-7\)/);
    expect(plan.stdout).toMatch(/app\.hostname +web01/);
    expect(plan.stdout).toMatch(/storage +ok +datastore1, .* free/);
    await nothingWasMade();
  });

  test('tells all that is wrong at once, with what there is to choose from, and ends as the first of it', async () => {
    const wrong = [
      ...['--net', 'Frontend=VM Netwrk', '--net', 'Nope=VM Network', '--folder', 'vms', '--datastore', 'fast'],
      ...['--prop', 'hostnam=x', '--prop', 'port=many', '--storage-policy', 'Gold', '--disk-datastore', 'data=fast'],
    ];
    const plan = await scene.ovfkit(['plan', archive, '--to', 'lab', ...wrong, '--json']);
    expect(plan.exitCode).toBe(2);
    const line = planLine(plan);
    expect(line['exitCode']).toBe(2);
    const texts = JSON.stringify(line['problems']);
    for (const text of [
      'no folder \\"vms\\"',
      'no network \\"VM Netwrk\\"',
      'no network \\"Nope\\"',
      'no property \\"hostnam\\"',
      'app.port (many)',
      'no datastore \\"fast\\"',
      'no storage policy \\"Gold\\"',
      'The package has no disk \\"data\\"',
      'asks to accept a licence',
      'Did you mean VM Network?',
      'datastore1 (datastore-12)',
    ])
      expect(texts).toContain(text);
    expect(line['checks']).toContainEqual({ check: 'hardware', status: 'ok', detail: expect.stringContaining('vmx-') });
    expect(resultOf(plan)).toMatchObject({ status: 'failed', exitCode: 2 });
    await nothingWasMade();
  });

  test('that cannot tell the place looks at everything else all the same', async () => {
    const plan = await scene.ovfkit([
      'plan',
      archive,
      '--to',
      'lab',
      '--pool',
      'Resourcs',
      '--net',
      'Nope=x',
      '--json',
    ]);
    expect(plan.exitCode).toBe(2);
    const { problems, checks } = { problems: [], checks: [], ...planLine(plan) };
    expect(JSON.stringify(problems)).toContain('Did you mean Resources?');
    expect(JSON.stringify(problems)).toContain('no network \\"Nope\\"');
    expect(checks).toContainEqual({ check: 'privileges', status: 'unknown', detail: '' });
    await nothingWasMade();
  });

  test('of an import is what the import says too, before anything is made', async () => {
    const args = [archive, '--to', 'lab', '--net', 'Nope=VM Network', '--folder', 'vms'];
    const ended = await scene.ovfkit(['import', ...args]);
    expect(ended).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('3 things stand in the way') });
    for (const text of ['no folder "vms"', 'no network "Nope"', '--accept-eula']) expect(ended.stderr).toContain(text);
    await nothingWasMade();
  });

  test('never shows the value of a password', async () => {
    const args = ['plan', archive, '--to', 'lab', ...needed, '--prop', 'admin_password=hunter22'];
    for (const format of [[], ['--json']]) {
      const { exitCode, stdout, stderr } = await scene.ovfkit([...args, ...format]);
      expect([exitCode, stdout + stderr]).toEqual([0, expect.not.stringContaining('hunter22')]);
    }
  });

  test('reads a package in full when it is asked to, and then finds a damaged disk', async () => {
    const damaged = join(scene.folder, 'damaged.ova');
    await packAppliance(scene.appliance, damaged);
    const file = await open(damaged, 'r+');
    const { size } = await file.stat();
    await file.write(Buffer.from('!'), 0, 1, size - 300_000);
    await file.close();
    const quick = await scene.ovfkit(['plan', damaged, '--to', 'lab', ...needed]);
    expect(quick.exitCode).toBe(0);
    const deep = await scene.ovfkit(['plan', damaged, '--to', 'lab', ...needed, '--deep']);
    expect(deep).toMatchObject({ exitCode: 4, stdout: expect.stringMatching(/error package\n.*sample-disk/) });
    await nothingWasMade();
  });

  test('of a target that does not answer tells which hop fails, and what is known of the package all the same', async () => {
    const plan = await scene.ovfkit(['plan', archive, '--to', 'https://admin@127.0.0.1:9', '--json'], {
      env: { OVFKIT_PASSWORD: 'any' },
    });
    expect(plan.exitCode).toBe(6);
    const line = planLine(plan);
    expect(line['hops']).toContainEqual(expect.objectContaining({ name: 'connection', status: 'failed' }));
    expect(line['checks']).toContainEqual(expect.objectContaining({ check: 'target', status: 'failed' }));
    expect(line['checks']).toContainEqual(expect.objectContaining({ check: 'networks', status: 'unknown' }));
  });
});

test('the guest finds its properties where no vCenter tells them, and one disk is placed by itself', async () => {
  const args = ['import', archive, '--to', 'lab', '-n', 'told', ...needed, '--prop', 'hostname=web & co', '--json'];
  const apart = ['--inject-ovf-env', '--disk-datastore', 'vmdisk2=datastore1'];
  const { vmId } = resultOf(await scene.ovfkit([...args, ...apart]));
  const vm = JSON.stringify(await (await scene.rest()).getVm(String(vmId)));
  expect(vm).toContain('guestinfo.ovfEnv');
  expect(vm).toContain(JSON.stringify('<Property oe:key="app.hostname" oe:value="web &amp; co"/>').slice(1, -1));
});

describe('after an import', () => {
  const imported = (name: string, ...more: readonly string[]) =>
    scene.ovfkit(['import', archive, '--to', 'lab', '-n', name, ...needed, ...more, '--json']);
  const stateOf = async (name: string) => {
    const vms = await (await scene.rest()).listVms();
    return vms.find((vm) => vm.name === name)?.power;
  };

  test('the machine is powered on', async () => {
    expect(resultOf(await imported('running', '--power-on'))).toMatchObject({ status: 'succeeded' });
    expect(await stateOf('running')).toBe('POWERED_ON');
  });

  test('a template is made, and one that shall run as well is refused before anything is sent', async () => {
    expect(resultOf(await imported('template', '--mark-as-template'))).toMatchObject({ status: 'succeeded' });
    const both = await imported('both', '--mark-as-template', '--power-on');
    expect(both).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('A template never runs') });
    expect(await stateOf('both')).toBeUndefined();
  });

  test('an address that does not come leaves the machine, and the same command goes on from there', async () => {
    const first = await imported('silent', '--wait-for-ip', '1');
    expect(first).toMatchObject({ exitCode: 7, stdout: expect.stringContaining('complete and stays') });
    const before = await (await scene.rest()).listVms();
    const again = await imported('silent', '--wait-for-ip', '1');
    expect(again.exitCode).toBe(7);
    expect(jsonLines(again.stdout).filter(({ type }) => type === 'session')).toEqual([]);
    expect(await (await scene.rest()).listVms()).toEqual(before);
  });

  test('Ctrl-C while an address is waited for leaves the machine running and says so', async () => {
    const controller = new AbortController();
    const ended = await scene.ovfkit(
      ['import', archive, '--to', 'lab', '-n', 'interrupted', ...needed, '--wait-for-ip', '60', '--json'],
      {
        onLine: (line) => {
          if (line.includes('Waiting for the address')) controller.abort();
        },
        signal: controller.signal,
      },
    );
    expect(ended).toMatchObject({ exitCode: 130, stdout: expect.stringContaining('complete and stays') });
    expect(await stateOf('interrupted')).toBe('POWERED_ON');
    expect(await (await scene.rest()).listImportSessions()).toEqual([]);
  });

  test('a machine that somebody deleted meanwhile is imported again', async () => {
    expect((await imported('again', '--wait-for-ip', '1')).exitCode).toBe(7);
    const rest = await scene.rest();
    const first = (await rest.listVms()).find(({ name }) => name === 'again');
    await rest.stopVm(first?.vm ?? '');
    await rest.deleteVm(first?.vm ?? '');
    await imported('again', '--wait-for-ip', '1');
    const second = (await rest.listVms()).find(({ name }) => name === 'again');
    expect(second?.vm).toMatch(/^vm-/);
    expect(second?.vm).not.toBe(first?.vm);
  });
});
