import { describe, expect, onTestFinished, test } from 'vitest';
import { mib, resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

/** A vCenter with leases alone, and an import that is killed while its disk is sent. */
async function open() {
  const scene = await openVcenterScene([64 * mib]);
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  scene.leases.timeout = 3; // what a dead process holds
  const before = scene.names();
  const access = ['--thumbprint', scene.thumbprint] as const;
  const place = [`${scene.locator}/DC%201/host/cluster%201`, '--datastore', 'ssd', ...access] as const;
  const words = ['import', scene.appliance, '--to', ...place, '--json', ...nets];
  const kill = async (): Promise<string> => {
    const killing = new AbortController();
    const onLine = (line: string): void => {
      if (line.includes('"IMPORT_INSTANTIATING"')) killing.abort();
    };
    await scene.ovfkit(words, { killSignal: killing.signal, onLine });
    const [job] = await jobs();
    return job.id;
  };
  const jobs = async () => JSON.parse((await scene.ovfkit(['sessions', 'list', '--json'])).stdout);
  return { ...scene, before, access, kill, jobs };
}

describe('an import by a lease that was killed', () => {
  test('is listed, and gone on with from its beginning: what is left is removed, and there is one machine', async () => {
    const { kill, jobs, ovfkit, names, before, leftBehind } = await open();
    const id = await kill();
    expect(await jobs()).toMatchObject([{ id, kind: 'import', via: 'lease' }]);
    expect((await ovfkit(['sessions', 'list'])).stdout).toMatch(/none, by lease .* stopped/);
    const resumed = await ovfkit(['sessions', 'resume', id, '--json']);
    expect(resultOf(resumed)).toMatchObject({ status: 'succeeded' });
    expect(names()).toEqual([...before, 'sample']);
    expect(await leftBehind()).toEqual([]);
    expect(await jobs()).toEqual([]);
  });

  test('is given up by its id, and nothing is left', async () => {
    const { kill, jobs, ovfkit, names, before, leftBehind } = await open();
    const id = await kill();
    expect(await ovfkit(['sessions', 'attach', id])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('cannot be watched from here'),
    });
    const aborted = await ovfkit(['sessions', 'abort', id]);
    expect(aborted).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${id} is given up`) });
    expect(names()).toEqual(before);
    expect(await leftBehind()).toEqual([]);
    expect(await jobs()).toEqual([]);
  });
});

test.each([
  ['a vCenter without the session API', {}],
  ['a host without a REST API', { rest: 'off' as const }],
])('%s says that it has no sessions to show', async (_, switches) => {
  const { ovfkit, access, locator, switches: own } = await open();
  Object.assign(own, switches);
  for (const words of [['list'], ['show', 'an-id'], ['attach', 'an-id'], ['abort', 'an-id']])
    expect(await ovfkit(['sessions', ...words, '--on', locator, ...access])).toMatchObject({
      exitCode: 5,
      stderr: expect.stringMatching(/has no sessions.*ovfkit sessions list/s),
    });
});
