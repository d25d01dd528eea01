import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mib, needed, openScene, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene([192 * mib]);
});
afterAll(() => scene.close());

/** Interrupts a command as soon as one of its JSON lines is of the kind. */
async function interruptedAt(args: readonly string[], isMoment: (line: string) => boolean) {
  const controller = new AbortController();
  const onLine = (line: string): void => {
    if (isMoment(line)) controller.abort();
  };
  return scene.ovfkit([...args, '--json'], { onLine, signal: controller.signal });
}

test.each([
  ['the descriptor is read', '"IMPORT_SELECTING_OVF_PARAMS"'],
  ['disks move', '"IMPORT_FILE_TRANSFER"'],
])('Ctrl-C while %s leaves no session and no virtual machine', async (_, moment) => {
  const ended = await interruptedAt(['import', scene.appliance.folder, '--to', 'lab', ...needed], (line) =>
    line.includes(moment),
  );
  expect(ended).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('Canceled by SIGINT') });
  const rest = await scene.rest();
  expect(await rest.listImportSessions()).toEqual([]);
  expect(await rest.listVms()).toEqual([]);
});

test('Ctrl-C during an export leaves no file behind', async () => {
  expect((await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', ...needed])).exitCode).toBe(0);
  const path = join(scene.folder, 'exported.ova');
  const ended = await interruptedAt(['export', 'sample', '--from', 'lab', '-o', path], (line) =>
    line.includes('"type":"file"'),
  );
  expect(ended.exitCode).toBe(130);
  expect(existsSync(path)).toBe(false);
  expect(existsSync(`${path}.part`)).toBe(false);
});
