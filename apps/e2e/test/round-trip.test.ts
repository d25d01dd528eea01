import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { serveFolder } from '../src/file-server.ts';
import { jsonLines } from '../src/ovfkit.ts';
import { compareDisks, listArchive, verifyManifest } from '../src/verify.ts';
import { openGate } from './support/gate.ts';
import { needed, openScene, resultOf, type Scene } from './support/scene.ts';

let scene: Scene;
let archive: string;
beforeAll(async () => {
  scene = await openScene();
  archive = await scene.pack();
});
afterAll(() => scene.close());

test('an imported archive is exported with the same disks, as a folder whose manifest is right', async () => {
  const imported = await scene.ovfkit(['import', archive, '--to', 'lab', '-n', 'one', ...needed, '--json']);
  expect(imported.stderr).toBe('');
  expect(resultOf(imported)).toMatchObject({ v: 1, status: 'succeeded', vmId: expect.stringMatching(/^vm-/) });
  const path = join(scene.folder, 'one');
  const exported = await scene.ovfkit(['export', 'one', '--from', 'lab', '-o', path]);
  expect(exported).toMatchObject({ exitCode: 0 });
  expect(await verifyManifest(join(path, 'one.mf'))).toContain('OK');
  expect(await compareDisks(scene.appliance.folder, path)).toBeGreaterThan(1_000_000);
  expect((await readdir(path)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('an imported folder is exported with the same disks, as an archive that tar reads', async () => {
  const imported = await scene.ovfkit(['import', scene.appliance.folder, '--to', 'lab', '-n', 'two', ...needed]);
  expect(imported).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^Virtual machine vm-\d+ \(.*MiB already there, .* sent\)$/m),
  });
  const path = join(scene.folder, 'two.ova');
  expect(await scene.ovfkit(['export', 'two', '--from', 'lab', '-o', path])).toMatchObject({ exitCode: 0 });
  const { names } = await listArchive(path);
  expect(names.slice(0, 2)).toEqual(['two.ovf', 'two.mf']);
  await compareDisks(scene.appliance.folder, path);
});

test.each(['folder', 'archive'])(
  'of a package without SHA-256 digests nothing is sent that the service has: %s',
  async (form) => {
    const copy = join(scene.folder, `unsealed-${form}`);
    await cp(scene.appliance.folder, copy, { recursive: true, filter: (path) => !path.endsWith('.mf') });
    const path = form === 'folder' ? copy : `${copy}.ova`;
    if (form === 'archive')
      expect(await scene.ovfkit(['pack', copy, '-o', path, '--sha', '1'])).toMatchObject({ exitCode: 0 });
    const args = ['import', path, '--to', 'lab', '-n', `unsealed-${form}`, ...needed, '--json'];
    const imported = resultOf(await scene.ovfkit(args));
    const sizes = await Promise.all(scene.appliance.disks.map(async (disk) => (await stat(disk)).size));
    const size = sizes.reduce((sum, each) => sum + each, 0);
    expect(imported['bytesSent']).toBeLessThan(size / 100);
    expect(imported['bytesThere']).toBeGreaterThanOrEqual(size);
    const exported = join(scene.folder, `unsealed-${form}-again`);
    const back = await scene.ovfkit(['export', `unsealed-${form}`, '--from', 'lab', '-o', exported]);
    expect(back).toMatchObject({ exitCode: 0 });
    expect(await compareDisks(scene.appliance.folder, exported)).toBeGreaterThan(1_000_000);
  },
);

test('the service fetches a package itself when the certificate of its source is pinned, and refuses another', async () => {
  const files = await serveFolder(scene.appliance.folder);
  try {
    const url = `${files.url}${basename(scene.appliance.descriptor)}`;
    const args = ['import', url, '--to', 'lab', ...needed, '--json'];
    const pinned = await scene.ovfkit([...args, '-n', 'pulled', '--source-thumbprint', files.thumbprint]);
    expect(resultOf(pinned)).toMatchObject({ status: 'succeeded', bytesSent: 0 });
    const wrong = await scene.ovfkit([...args, '-n', 'not-pulled', '--source-thumbprint', 'AA'.repeat(20)]);
    expect(wrong.exitCode).toBe(6);
    expect((await (await scene.rest()).listVms()).map(({ name }) => name)).not.toContain('not-pulled');
  } finally {
    await files.close();
  }
});

test('of a signed address that the source refuses to the service it is said that it may be too old', async () => {
  const gate = await openGate(scene.service.url); // closed to everybody
  onTestFinished(() => gate.close());
  const address = `${gate.url}sample.ova?X-Amz-Expires=60&X-Amz-Signature=old`;
  expect(await scene.ovfkit(['import', address, '--pull', '--to', 'lab', '-n', 'late', ...needed])).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(/sample\.ova answers 403\.\n.*give a fresh one/),
  });
});

test('of an address where nothing is it is said that the address is wrong, not the session', async () => {
  const files = await serveFolder(scene.appliance.folder, 'http');
  onTestFinished(() => files.close());
  const args = ['import', `${files.url}none.ova`, '--pull', '--to', 'lab', '-n', 'none', ...needed];
  expect(await scene.ovfkit(args)).toMatchObject({
    exitCode: 6,
    stderr: expect.stringMatching(/none\.ova answers 404\.\n.*Check the address/),
  });
});

test('what the flags say is in the virtual machine', async () => {
  const imported = await scene.ovfkit([
    ...['import', archive, '--to', 'lab', '-n', 'large', ...needed, '--json', '--deployment-option', 'large'],
    ...['--prop:hostname=web01', '--prop', 'app.port=9090', '-dm=thin', '-ds=datastore1', '--annotation', 'a note'],
  ]);
  const { vmId } = resultOf(imported);
  const vm = await (await scene.rest()).getVm(String(vmId));
  expect(vm).toMatchObject({ name: 'large', cpu: { count: 4 }, memory: { size_MiB: 4096 } });
  expect(JSON.stringify(vm)).toContain('web01');
  expect(JSON.stringify(vm)).toContain('9090');
  expect(JSON.stringify(vm)).toContain('a note');
});

test('what is exported and imported again has the configuration it had', async () => {
  const rest = await scene.rest();
  const first = resultOf(
    await scene.ovfkit([
      ...['import', archive, '--to', 'lab', '-n', 'there', ...needed, '--deployment-option', 'large', '--json'],
      ...['--prop', 'hostname=web01', '--prop', 'app.port=9090', '--annotation', 'a note', '-dm', 'thin'],
    ]),
  );
  const path = join(scene.folder, 'there.ova');
  const flags = ['EXTRA_CONFIG', 'PRESERVE_MAC'].flatMap((flag) => ['--flag', flag]);
  expect((await scene.ovfkit(['export', 'there', '--from', 'lab', '-o', path, ...flags])).exitCode).toBe(0);
  const again = ['import', path, '--to', 'lab', '-n', 'back', '--accept-eula', '-dm', 'thin', '--json'];
  const second = resultOf(await scene.ovfkit(again));
  const own = new Set(['name', 'identity', 'vmdk_file', 'deployment_option']); // a package that is exported has its option in its hardware
  const configurationOf = async (id: unknown): Promise<unknown> =>
    JSON.parse(JSON.stringify(await rest.getVm(String(id)), (key, value) => (own.has(key) ? undefined : value)));
  const after = await configurationOf(second['vmId']);
  expect(after).toEqual(await configurationOf(first['vmId']));
  expect(JSON.stringify(after)).toContain('web01');
});

test('JSON lines tell every state once and every file to its end', async () => {
  const { stdout } = await scene.ovfkit(['import', archive, '--to', 'lab', '-n', 'lines', ...needed, '--json']);
  const lines = jsonLines(stdout);
  expect(new Set(lines.map(({ v }) => v))).toEqual(new Set([1]));
  const states = lines.filter(({ type }) => type === 'state').map((line) => line['state']);
  expect(states.at(-1)).toBe('IMPORT_COMPLETED');
  expect(states).toContain('IMPORT_MSG_BUNDLES_TRANSFER');
  expect(new Set(states).size).toBe(states.length);
  const disk = lines.filter((line) => line.type === 'file' && line['name'] === 'sample-disk1.vmdk').at(-1);
  expect(disk?.['transferred']).toBe((await stat(scene.appliance.disks[0] ?? '')).size);
});

test('a dry run tells what would be created and creates nothing', async () => {
  const before = await (await scene.rest()).listVms();
  const dry = await scene.ovfkit(['import', archive, '--to', 'lab', '-n', 'dry', ...needed, '--dry-run']);
  expect(dry).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing was created.') });
  expect(dry.stdout).toMatch(/Frontend\s+VM Network/);
  expect(await (await scene.rest()).listVms()).toEqual(before);
  expect(await (await scene.rest()).listImportSessions()).toEqual([]);
});

test('an export replaces nothing unless it is told to', async () => {
  const path = join(scene.folder, 'kept');
  await mkdir(path);
  const args = ['export', 'large', '--from', 'lab', '-o', path];
  expect(await scene.ovfkit(args)).toMatchObject({ exitCode: 0, stderr: expect.not.stringContaining('error') });
  const again = await scene.ovfkit(args);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--overwrite') });
  expect((await scene.ovfkit([...args, '--overwrite'])).exitCode).toBe(0);
});
