import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { compareDisks } from '../src/verify.ts';
import { mib, needed, openScene, resultOf, type Scene } from './support/scene.ts';

const option = '--limits-quota-per-user';
const flags = [option, 'none'];
let scene: Scene;
beforeAll(async () => {
  scene = await openScene([4 * mib, 4 * mib], flags);
});
afterAll(() => scene.close());

/** Bytes of all files of the package. */
async function packageSize(): Promise<number> {
  const { folder } = scene.appliance;
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

test('an import for which there is not room enough goes on in its session once there is, and sends no file again', async () => {
  const size = await packageSize();
  flags.splice(1, 1, String(size - mib));
  await scene.restart();
  const args = ['import', scene.appliance.folder, '--to', 'lab', '-n', 'squeezed', ...needed, '--json'];
  const first = await scene.ovfkit(args);
  expect(first, first.stderr).toMatchObject({ exitCode: 5 });
  expect(first.stdout).toContain('The import can go on');
  const session = jsonLines(first.stdout).find(({ type }) => type === 'session');
  flags.splice(1, 1, 'none');
  await scene.restart();
  const again = await scene.ovfkit(args);
  expect(again, again.stderr).toMatchObject({ exitCode: 0 });
  const { sessionId, bytesSent, vmId } = resultOf(again);
  expect(sessionId).toBe(session?.['id']);
  expect(Number(bytesSent)).toBeLessThan(size / 2 + mib);
  const rest = await scene.rest();
  expect((await rest.listVms()).map(({ vm }) => vm)).toEqual([vmId]);
  expect(await rest.listImportSessions()).toEqual([]);
  const output = join(scene.folder, 'out');
  expect((await scene.ovfkit(['export', 'squeezed', '--from', 'lab', '-o', output])).exitCode).toBe(0);
  await compareDisks(scene.appliance.folder, output);
});
