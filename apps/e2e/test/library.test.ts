import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareDisks } from '../src/verify.ts';
import { needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
  await (await scene.rest()).createLibrary('templates');
});
afterAll(() => scene.close());

test('a machine goes into a library and comes out of it as another, with the same disks', async () => {
  const imported = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', '-n', 'one', ...needed]);
  expect(imported.exitCode).toBe(0);
  const stored = ['export', 'one', '--from', 'lab', '--to-library', 'templates', '--name', 'golden', '--json'];
  expect(resultOf(await scene.ovfkit(stored))).toMatchObject({ status: 'succeeded', library: 'templates' });
  const again = await scene.ovfkit(stored);
  expect([again.exitCode === 0, again.stdout]).toEqual([false, expect.stringContaining('golden')]);
  expect(await scene.ovfkit([...stored, '--overwrite'])).toMatchObject({ exitCode: 0 });
  const args = ['import', 'library:templates/golden', '--to', 'lab', '--accept-eula', '--json'];
  expect(resultOf(await scene.ovfkit([...args, '-n', 'two', '--dry-run']))).toMatchObject({ dryRun: true });
  const deployed = resultOf(await scene.ovfkit([...args, '-n', 'two']));
  expect(deployed).toMatchObject({ status: 'succeeded', bytesSent: 0, vmId: expect.stringMatching(/^vm-/) });
  const path = join(scene.folder, 'two');
  expect(await scene.ovfkit(['export', 'two', '--from', 'lab', '-o', path])).toMatchObject({ exitCode: 0 });
  expect(await compareDisks(scene.appliance.folder, path)).toBeGreaterThan(1_000_000);
  expect(await (await scene.rest()).listImportSessions()).toEqual([]);
});

test('libraries, their items and the files of an item are shown, as text and as JSON', async () => {
  const api = await scene.rest();
  await api.createLibrary('empty');
  const imported = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', '-n', 'shown', ...needed]);
  expect(imported.exitCode).toBe(0);
  const stored = ['export', 'shown', '--from', 'lab', '--to-library', 'templates', '--name', 'shelved'];
  expect(await scene.ovfkit(stored)).toMatchObject({ exitCode: 0 });
  const libraries = ['library', 'list', '--on', 'lab'];
  const text = await scene.ovfkit(libraries);
  expect(text.stdout.split('\n').map((line) => /^ *\S+/.exec(line)?.[0])).toEqual(
    expect.arrayContaining(['Name', 'empty', 'templates', '  shelved']),
  );
  const listed = JSON.parse((await scene.ovfkit([...libraries, '--json'])).stdout);
  const templates = listed.find(({ name }: { name: string }) => name === 'templates');
  expect(templates).toMatchObject({
    type: 'LOCAL',
    items: expect.arrayContaining([expect.objectContaining({ name: 'shelved' })]),
  });
  const show = async (...args: string[]) => (await scene.ovfkit(['library', 'show', ...args, '--on', 'lab'])).stdout;
  expect(await show(templates.id)).toMatch(/^Library +templates\n(?:.*\n)*shelved +ovf /);
  const item = JSON.parse(await show('library:templates/shelved', '--json'));
  expect(item).toMatchObject({ name: 'shelved', type: 'ovf' });
  const page = await show('templates/shelved');
  for (const { name, checksumInfo } of item.files)
    expect(page).toMatch(new RegExp(`${name} .*SHA256 ${checksumInfo.checksum}`));
  expect(item.files.map(({ name }: { name: string }) => name)).toContain('shelved.ovf');
});

test.each([
  [['library', 'show', 'nobody', '--on', 'lab'], /no content library "nobody"/],
  [['library', 'show', 'templates/nobody', '--on', 'lab'], /no library item "nobody"/],
  [['library', 'list'], /--on <target>/],
  [['import', 'library:templates', '--to', 'lab'], /library:LIBRARY\/ITEM/],
  [['import', 'library:nobody/golden', '--to', 'lab'], /no content library "nobody"/],
  [['import', 'library:templates/nobody', '--to', 'lab'], /no library item "nobody"/],
  [['export', 'one', '--from', 'lab'], /-o PATH, or --to-library/],
  [['export', 'one', '--from', 'lab', '-o', 'x.ova', '--to-library', 'templates'], /-o PATH, or --to-library/],
  [['export', 'one', '--from', 'lab', '--to-library', 'templates', '--overwrite'], /--name/],
])('%j is a wrong call that says what is missing', async (args, text) => {
  const refused = await scene.ovfkit(args);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(text) });
});
