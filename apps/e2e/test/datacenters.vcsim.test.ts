import { connectVim, findByPath } from '@ovfkit/vsphere';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

// each has a datastore LocalDS_0, a network VM Network and a folder vm
describe('a vCenter with two datacenters that have the same names', () => {
  let scene: VcsimScene;
  beforeAll(async () => {
    scene = await openVcsimScene(['-dc', '2']);
  });
  afterAll(() => scene.close());

  const at = (...words: readonly string[]): readonly string[] => {
    const { url, user, thumbprint } = scene.vcsim;
    return [
      scene.appliance,
      '--to',
      url,
      '--user',
      user,
      '--thumbprint',
      thumbprint,
      '--accept-eula',
      '--json',
      ...words,
    ];
  };
  /** Without the warning that the simulator's hosts do not answer. */
  const planOf = async (...words: readonly string[]) => {
    const { stdout } = await scene.ovfkit(['plan', ...at(...words)]);
    const plan: Readonly<Record<string, unknown>> | undefined = jsonLines(stdout).find(({ type }) => type === 'plan');
    // the schema of a plan is tested elsewhere
    const problems = (plan?.['problems'] ?? []) as readonly { readonly severity: string }[];
    return { plan, problems: problems.filter(({ severity }) => severity === 'error') };
  };
  const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=/DC1/network/VM Network'];

  test('an import goes to the network, the datastore and the folder where its pool is', async () => {
    const { plan, problems } = await planOf(
      '--pool',
      '/DC1/host/DC1_C0/Resources',
      '--datastore',
      'LocalDS_0',
      ...nets,
    );
    expect(problems).toEqual([]);
    expect(plan).toMatchObject({ exitCode: 0, storage: { datastore: { name: 'LocalDS_0' } } });
    const byDefault = await planOf('--cluster', 'DC1_C0', ...nets);
    expect(byDefault.plan).toMatchObject({ exitCode: 0, storage: plan?.['storage'] });
    expect(plan?.['networksOffered']).not.toContainEqual(expect.objectContaining({ name: 'DC0_DVPG0' }));
    const words = at('--pool', '/DC1/host/DC1_C0/Resources', '-n', 'there', '--datastore', 'LocalDS_0', ...nets);
    expect(resultOf(await scene.ovfkit(['import', ...words]))).toMatchObject({ status: 'succeeded' });
    const vim = await connectVim(scene.vcsim);
    onTestFinished(() => vim.close());
    expect(await findByPath(vim, '/DC1/vm/there')).toMatchObject({ type: 'VirtualMachine' });
    expect(await findByPath(vim, '/DC0/vm/there')).toBeUndefined();
  });

  test('what belongs to the other datacenter is refused before anything is made', async () => {
    const words = ['--cluster', 'DC1_C0', '--net', 'Frontend=DC0_DVPG0', '--net', 'Backend=VM Network'];
    const { plan, problems } = await planOf(...words);
    expect(plan).toMatchObject({ exitCode: 2 });
    expect(problems).toMatchObject([
      {
        check: 'networks',
        message: 'The target has no network "DC0_DVPG0"',
        details: expect.arrayContaining([expect.stringMatching(/^DC1_DVPG0 \(/)]),
      },
    ]);
  });

  test('of hosts that do not answer only those of the pool are told', async () => {
    const { stdout } = await scene.ovfkit([
      'plan',
      ...at('--pool', '/DC1/host/DC1_C0/Resources', '--datastore', 'LocalDS_0', ...nets),
    ]);
    const problems = jsonLines(stdout).find(({ type }) => type === 'plan')?.['problems'];
    expect(problems).toMatchObject([
      { check: 'target', severity: 'warning', message: expect.stringMatching(/^Of 3 hosts .* 3 do not answer/) },
    ]);
  });

  test('a name is free though the other datacenter has it', async () => {
    const words = ['--cluster', 'DC1_C0', '-n', 'DC0_H0_VM0', ...nets];
    expect(await planOf(...words, '--if-exists', 'fail')).toMatchObject({ plan: { exitCode: 0 } });
  });

  test('pools that share a name are told with whose they are', async () => {
    const [problem] = (await planOf('--pool', 'Resources', ...nets)).problems;
    expect(problem).toMatchObject({
      message: '"Resources" is the name of more than one resource pool',
      details: expect.arrayContaining([expect.stringMatching(/^Resources of DC1_C0 \(resgroup-\d+\)$/)]),
    });
  });
});
