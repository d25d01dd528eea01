import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

/** What a run has left at the service. The sessions behind library_item.deploy and create are the service's own, and over. */
async function leftovers() {
  const { stdout } = await scene.ovfkit(['sessions', 'list', '--on', 'lab', '--json']);
  const sessions: readonly { readonly state: string }[] = JSON.parse(stdout);
  const open = sessions.filter(({ state }) => !state.endsWith('_COMPLETED'));
  return [...open, ...(await (await scene.rest()).listVms())];
}

test('the built service keeps every rule that the built command line tries, and nothing is left there', async () => {
  const ended = await scene.ovfkit(['conformance', '--to', 'lab', '--json']);
  const cases = jsonLines(ended.stdout).filter(({ type }) => type === 'case');
  expect(cases.filter(({ status }) => status === 'failed')).toEqual([]);
  const missing = new Set(cases.flatMap((each) => (Array.isArray(each['missing']) ? each['missing'] : [])));
  expect([...missing].toSorted()).toEqual(['expiry', 'reader']);
  expect(ended.exitCode).toBe(0);
  expect(resultOf(ended)).toMatchObject({ v: 1, status: 'succeeded' });
  expect(Number(resultOf(ended)['passed'])).toBeGreaterThan(250);
  expect(await leftovers()).toEqual([]);
}, 180_000);

test('a person gets a table of the sections and a sum', async () => {
  const { exitCode, stdout } = await scene.ovfkit(['conformance', '--to', 'lab', '--only', '3.5']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^Section +About +Kept$/m);
  expect(stdout).toMatch(/^3\.5 +import: progress +\d+$/m);
  expect(stdout).toMatch(/^\d+ kept, 0 broken, 0 not offered$/m);
});

test('without pulls their rules are told as not offered', async () => {
  const { stdout } = await scene.ovfkit(['conformance', '--to', 'lab', '--only', '12.4', '--no-pull-address']);
  expect(stdout).toContain('not offered: pulls from this machine (5)');
  expect(stdout).toContain('0 kept, 0 broken, 5 not offered');
});

test('Ctrl-C ends the run, and leaves no session and no machine', async () => {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (line.includes('"id":"import.')) controller.abort();
  };
  const ended = await scene.ovfkit(['conformance', '--to', 'lab', '--json'], { onLine, signal: controller.signal });
  expect(ended.exitCode).toBe(130);
  expect(resultOf(ended)).toMatchObject({ status: 'failed', exitCode: 130 });
  expect(await leftovers()).toEqual([]);
}, 60_000);

test.each([
  [['--only', '3.99'], 'There is no rule'],
  [['--session-timeout', 'soon'], 'is not a number of seconds'],
  [['--reader', 'https://viewer@elsewhere.invalid'], 'elsewhere.invalid'],
])('%j is a fault of the caller', async (options, message) => {
  const { exitCode, stderr } = await scene.ovfkit(['conformance', '--to', 'lab', ...options]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});
