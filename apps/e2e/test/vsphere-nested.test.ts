import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { change, propertyOf } from '../../../packages/vsphere/test/support/vim-server/model.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { innerFacts, innerOf, nestedCapacity, shapeOf, writeNestedPackage } from './support/nested-package.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene } from './support/vcenter-scene.ts';

async function open() {
  const scene = await openVcenterScene([nestedCapacity]);
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  const path = join(scene.folder, 'nested');
  const digests = await writeNestedPackage(path, { sample: join(scene.folder, 'sample') });
  const login = ['--user', scene.user, '--thumbprint', scene.thumbprint, '--json'];
  const to = ['--to', scene.url, ...login, '--cluster', 'cluster 1', '--accept-eula'];
  const importAs = (name: string, ...more: readonly string[]) =>
    scene.ovfkit(['import', path, ...to, '-n', name, '--net', 'lan=prod', ...more]);
  const exportAs = (source: string, output: string, ...more: readonly string[]) =>
    scene.ovfkit(['export', source, '--vapp', '--from', scene.url, ...login, '-o', output, ...more]);
  return { scene, path, digests, to, importAs, exportAs };
}

test('vApps in a vApp go in and out, twice, with firmware and images, and what vSphere takes nothing of is told', async () => {
  const { scene, digests, to, importAs, exportAs } = await open();
  const imported = await importAs('outer', '--prop', 'org.inner.port=8080');
  expect(resultOf(imported), imported.stderr).toMatchObject({ status: 'succeeded', vappId: expect.any(String) });
  const made = scene.server.model.all().filter(({ ref }) => ref.type === 'VirtualApp');
  expect(made.map(({ properties }) => properties['name'])).toEqual(['suite', 'outer', 'inner', 'deep', 'spare']);
  // our test server knows no floppies
  expect(jsonLines(imported.stdout).filter(({ type }) => type === 'warning')).toMatchObject([
    { message: 'vSphere takes no boot.flp of this package: outer is made without it.' },
  ]);
  const exportTo = async (name: string): Promise<string> => {
    const output = join(scene.folder, name);
    const exported = await exportAs(name, output, '--flag', 'CDROM', '--name', 'out');
    expect(resultOf(exported), exported.stderr).toMatchObject({ status: 'succeeded' });
    expect(jsonLines(exported.stdout).filter(({ type }) => type === 'warning')).toEqual([]);
    return output;
  };
  const first = await exportTo('outer');
  const manifest = await readFile(join(first, 'out.mf'), 'utf8');
  for (const name of ['one.vmdk', 'two.vmdk', 'seed.iso', 'fw.nvram']) expect(manifest).toContain(digests.get(name));
  const text = await readFile(join(first, 'out.ovf'), 'utf8');
  expect(text).toContain('The prod network');
  expect(text).not.toContain('dvportgroup-33');
  expect(shapeOf(text)).toBe('out[inner[store deep[cache]] front spare[]]');
  const order = [
    ['store', 2, 30],
    ['deep', 1, 30],
  ];
  expect(innerOf(text)).toEqual([{ ...innerFacts, sections: [[[2048, 512]], order, 'NoteSection'] }]);
  const again = await scene.ovfkit(['import', first, ...to, '-n', 'twin', '--net', 'prod=prod']);
  expect(resultOf(again), again.stderr).toMatchObject({ status: 'succeeded' });
  expect(await readFile(join(await exportTo('twin'), 'out.ovf'), 'utf8')).toBe(text);
});

test('a vApp with vApps inside is started, kept from being exported and replaced as one, and one inside is exported alone', async () => {
  const { scene, importAs, exportAs } = await open();
  expect(resultOf(await importAs('outer', '--power-on'))).toMatchObject({ status: 'succeeded' });
  const powers = () =>
    scene.server.model
      .all()
      .filter(({ properties }) => ['front', 'store', 'cache'].includes(String(properties['name'])))
      .map(({ properties }) => propertyOf(properties, 'runtime.powerState'));
  expect(powers()).toEqual(['poweredOn', 'poweredOn', 'poweredOn']);
  const output = join(scene.folder, 'deep');
  const running = await exportAs('deep', output);
  expect(running).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('deep is powered on') });
  expect(await importAs('outer', '--if-exists', 'replace')).toMatchObject({ exitCode: 5 });
  for (const object of scene.server.model.all())
    if (object.ref.type === 'VirtualMachine') change(object, 'runtime', { powerState: 'poweredOff' });
  const replaced = await importAs('outer', '--if-exists', 'replace');
  expect(resultOf(replaced), replaced.stderr).toMatchObject({ status: 'succeeded' });
  expect(scene.names().toSorted()).toEqual([
    'cache',
    'db',
    'deep',
    'front',
    'inner',
    'outer',
    'spare',
    'store',
    'suite',
    'suite-web',
    'web',
  ]);
  expect(resultOf(await exportAs('deep', output))).toMatchObject({ status: 'succeeded' });
  expect(shapeOf(await readFile(join(output, 'deep.ovf'), 'utf8'))).toBe('deep[cache]');
});
