import { describe, expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { moments } from './support/killing.ts';
import { mib, resultOf } from './support/scene.ts';
import { openVcsimScene, type VcsimScene } from './support/vcsim-scene.ts';

const nets = ['--net', 'Frontend=VM Network', '--net', 'Backend=VM Network', '--accept-eula'] as const;

const importBy = ({ appliance, locator, vcsim }: VcsimScene, via: string): readonly string[] => [
  ...['import', appliance, '--to', `${locator}/DC0/host/DC0_C0`, '--thumbprint', vcsim.thumbprint, '--via', via],
  ...nets,
  '--json',
];

/** A scene with what was there before, and an import that is killed when a line of its output has `moment`. */
async function open(via: string) {
  const scene = await openVcsimScene([], [256 * mib]);
  onTestFinished(() => scene.close());
  const items = await scene.makeLibrary('staging');
  const before = await scene.machines();
  const words = importBy(scene, via);
  const killAt = async (moment: string): Promise<void> => {
    const killing = new AbortController();
    const onLine = (line: string): void => {
      if (line.includes(moment)) killing.abort();
    };
    const { stdout } = await scene.ovfkit(words, { killSignal: killing.signal, onLine });
    expect(jsonLines(stdout).at(-1)?.type).not.toBe('result');
  };
  const killAfter = (ms: number) => scene.ovfkit(words, { killSignal: AbortSignal.timeout(ms) });
  const gc = async (...more: readonly string[]) =>
    JSON.parse((await scene.ovfkit(['sessions', 'gc', '--json', ...more])).stdout);
  return { ...scene, items, before, words, killAt, killAfter, gc };
}

const steps = [
  ['parameters are chosen', '"IMPORT_SELECTING_OVF_PARAMS"', 'lease'],
  ['the machine is being made', '"IMPORT_INSTANTIATING"', 'lease'],
  ['its disk is sent', '"type":"file"', 'lease'],
  ['parameters are chosen', '"IMPORT_SELECTING_OVF_PARAMS"', 'library'],
  ['its disk is sent', '"type":"file"', 'library'],
] as const;

describe('an import that is killed by kill -9', () => {
  test.each(steps)('while %s is listed by gc --dry-run, and removed by gc (%s, by %s)', async (_, moment, via) => {
    const { killAt, gc, machines, before, items, leftBehind } = await open(via);
    await killAt(moment);
    const left = await leftBehind();
    expect(left).toHaveLength(1);
    const seen = await Promise.all([machines(), items()]);
    const listed = await gc('--dry-run');
    expect(listed).toMatchObject([{ removed: true, reason: expect.stringContaining(left[0] ?? '') }]);
    expect(await Promise.all([machines(), items(), leftBehind()])).toEqual([...seen, left]);
    expect(await gc()).toEqual(listed);
    expect(await Promise.all([machines(), items(), leftBehind()])).toEqual([before, 0, []]);
    expect(await gc()).toEqual([]);
  });

  test.each(steps)('while %s is made anew by the same command, once (%s, by %s)', async (_, moment, via) => {
    const { killAt, gc, ovfkit, words, machines, before, items, leftBehind } = await open(via);
    await killAt(moment);
    expect(resultOf(await ovfkit(words))).toMatchObject({ status: 'succeeded' });
    expect(await Promise.all([machines(), items(), leftBehind()])).toEqual([[...before, 'sample'].toSorted(), 0, []]);
    expect(await gc()).toEqual([]);
  });

  test('while its vCenter is away stays, and gc says why', async () => {
    const { killAt, gc, vcsim } = await open('lease');
    await killAt('"IMPORT_INSTANTIATING"');
    await vcsim.stop();
    const reason = expect.stringMatching(/^it could not be looked at: Nothing listens at 127\.0\.0\.1:\d+/);
    expect(await gc()).toMatchObject([{ removed: false, reason }]);
  });

  test('when all is there is ended by the same command, and nothing is sent', async () => {
    const { killAt, gc, ovfkit, words, machines, before, items, leftBehind } = await open('lease');
    await killAt('"IMPORT_COMPLETED"');
    expect(await machines()).toEqual([...before, 'sample'].toSorted());
    expect(await gc('--dry-run')).toMatchObject([{ reason: expect.stringMatching(/vm-\d+ is complete, and stays$/) }]);
    expect(resultOf(await ovfkit(words))).toMatchObject({ status: 'succeeded', bytesSent: 0 });
    expect(await Promise.all([machines(), items(), leftBehind()])).toEqual([[...before, 'sample'].toSorted(), 0, []]);
    expect(await gc()).toEqual([]);
  });

  test('at any moment, again and again, leaves one machine in the end', async () => {
    const { killAfter, gc, ovfkit, words, machines, before, items, leftBehind } = await open('lease');
    let isMade = false;
    for (const ms of moments(5, 2_500)) {
      const { stdout } = await killAfter(200 + ms);
      isMade = jsonLines(stdout).at(-1)?.type === 'result'; // it was faster: the next one would find its name taken
      if (isMade) break;
    }
    const { exitCode, stderr } = isMade ? { exitCode: 0, stderr: '' } : await ovfkit(words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(await Promise.all([machines(), items(), leftBehind()])).toEqual([[...before, 'sample'].toSorted(), 0, []]);
    expect(await gc()).toEqual([]);
  });
});
