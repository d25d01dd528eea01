import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { innerFacts, innerOf, nestedCapacity, shapeOf, writeNestedPackage } from './support/nested-package.ts';
import { openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let path: string;
beforeAll(async () => {
  scene = await openScene([nestedCapacity]);
  path = join(scene.folder, 'nested');
  await writeNestedPackage(path, { sample: scene.appliance.folder });
});
afterAll(() => scene.close());

const importAs = (source: string, name: string, ...more: readonly string[]) => {
  const target = ['--to', 'lab', '--net', 'lan=VM Network', '--accept-eula', '--json'];
  return scene.ovfkit(['import', source, ...target, '-n', name, ...more]);
};

async function exported(name: string): Promise<string> {
  const output = join(scene.folder, name);
  const words = ['export', name, '--vapp', '--from', 'lab', '-o', output, '--name', 'out', '--flag', 'CDROM'];
  const ended = await scene.ovfkit([...words, '--json']);
  expect(resultOf(ended), ended.stderr).toMatchObject({ status: 'succeeded' });
  expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
  return readFile(join(output, 'out.ovf'), 'utf8');
}

test('vApps in a vApp go into an ovfkitd and out of it, twice, with all that is their own', async () => {
  const imported = await importAs(path, 'outer', '--prop', 'org.inner.port=8080');
  expect(resultOf(imported), imported.stderr).toMatchObject({ status: 'succeeded', vappId: expect.any(String) });
  const text = await exported('outer');
  expect(shapeOf(text)).toBe('out[inner[store deep[cache]] front spare[]]');
  const order = [
    ['deep', 1, 30],
    ['store', 2, 30],
  ];
  expect(innerOf(text)).toEqual([{ ...innerFacts, sections: [order, [[2048, 512]], 'NoteSection'] }]);
  const again = await importAs(join(scene.folder, 'outer'), 'twin');
  expect(resultOf(again), again.stderr).toMatchObject({ status: 'succeeded' });
  expect(await exported('twin')).toBe(text);
});

test('a vApp with vApps inside is started and replaced as one', async () => {
  const started = await importAs(path, 'running', '--power-on');
  expect(resultOf(started), started.stderr).toMatchObject({ status: 'succeeded' });
  expect(started.stdout).toContain('is powered on, with 3 machines');
  const refused = await importAs(path, 'running', '--if-exists', 'replace');
  expect(refused, refused.stderr).toMatchObject({ exitCode: 5 });
  expect(resultOf(await importAs(path, 'resting'))).toMatchObject({ status: 'succeeded' });
  const before = resultOf(await importAs(path, 'resting', '--if-exists', 'skip'));
  expect(resultOf(await importAs(path, 'resting', '--if-exists', 'replace'))).toMatchObject({ status: 'succeeded' });
  const after = resultOf(await importAs(path, 'resting', '--if-exists', 'skip'));
  expect(after).not.toEqual(before);
  const vms = await (await scene.rest()).listVms();
  expect(vms.filter(({ name }) => name === 'cache')).toHaveLength(vms.filter(({ name }) => name === 'front').length);
});

test('inspect shows vApps where they are, and plan the value for one inside', async () => {
  const { stdout } = await scene.ovfkit(['inspect', path]);
  const names = [
    'suite (vApp)',
    '  inner (vApp)',
    '    store',
    '    deep (vApp)',
    '      cache',
    '  front',
    '  spare (vApp)',
  ];
  const at = names.map((name) => stdout.indexOf(`\n  ${name}`));
  expect(at.every((each, index) => each > (at[index - 1] ?? 0))).toBe(true);
  const target = ['--to', 'lab', '--net', 'lan=VM Network', '--accept-eula', '-n', 'planned'];
  const planned = await scene.ovfkit(['plan', path, ...target, '--prop', 'org.inner.port=8080']);
  expect(planned, planned.stdout).toMatchObject({ exitCode: 0 });
  expect(planned.stdout).toContain('org.inner.port');
});
