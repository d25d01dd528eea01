import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

async function open(): Promise<VcsimScene> {
  const scene = await openVcsimScene();
  onTestFinished(() => scene.close());
  return scene;
}

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=DC0_DVPG0', '--accept-eula'] as const;

const at = ({ vcsim }: VcsimScene): readonly string[] => [
  ...['--to', vcsim.url, '--user', vcsim.user, '--thumbprint', vcsim.thumbprint, '--json'],
];

describe('against a vCenter that is not ours', () => {
  test('a plan finds cluster, networks and hardware, and creates nothing', async () => {
    const scene = await open();
    const before = await scene.machines();
    const plan = await scene.ovfkit(['plan', scene.appliance, ...at(scene), '--cluster', 'DC0_C0', ...nets]);
    expect(plan.stderr).toBe('');
    const line = jsonLines(plan.stdout).find(({ type }) => type === 'plan');
    expect(line).toMatchObject({
      exitCode: 0,
      placement: { cluster: { name: 'DC0_C0' }, resourcePool: { name: 'Resources' } },
      networks: [
        { source: 'Frontend', target: { name: 'VM Network' } },
        { source: 'Backend', target: { name: 'DC0_DVPG0' } },
      ],
    });
    expect(line?.['checks']).toContainEqual({ check: 'hardware', status: 'ok', detail: 'vmx-13' });
    expect(await scene.machines()).toEqual(before);
  });

  test('a plan tells pools that share a name with their ids, and a cluster that is not there', async () => {
    const scene = await open();
    const pools = await scene.ovfkit(['plan', scene.appliance, ...at(scene), '--pool', 'Resources', ...nets]);
    expect(pools).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/more than one resource pool.*resgroup-/),
    });
    const cluster = await scene.ovfkit(['plan', scene.appliance, ...at(scene), '--cluster', 'DC0_C1', ...nets]);
    expect(cluster).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('Did you mean DC0_C0?') });
  });

  test('what was made is read back as it was asked for, and powered on', async () => {
    const scene = await open();
    const args = ['import', scene.appliance, ...at(scene), '--cluster', 'DC0_C0', '-n', 'web01', ...nets];
    const ended = await scene.ovfkit([...args, '--datastore', 'LocalDS_0', '--annotation', 'a note', '--power-on']);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', vmId: expect.stringMatching(/^vm-/) });
    expect(ended.stdout).toContain('is powered on');
    expect(jsonLines(ended.stdout).filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('all its networks go to one with a star, and are read back as such', async () => {
    const scene = await open();
    const args = ['import', scene.appliance, ...at(scene), '--cluster', 'DC0_C0', '-n', 'web02', '--accept-eula'];
    const ended = await scene.ovfkit([...args, '--net', '*=DC0_DVPG0']);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded', vmId: expect.stringMatching(/^vm-/) });
    expect(jsonLines(ended.stdout).filter(({ type }) => type === 'warning')).toEqual([]);
  });

  test('a template is made of it', async () => {
    const scene = await open();
    const args = ['import', scene.appliance, ...at(scene), '--cluster', 'DC0_C0', '-n', 'template', ...nets];
    const ended = await scene.ovfkit([...args, '--mark-as-template']);
    expect(resultOf(ended)).toMatchObject({ status: 'succeeded' });
    expect(ended.stdout).toContain('is a template');
  });
});
