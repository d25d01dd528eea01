// Real packages through the built programs. What INDEX.md calls valid and complete goes in and comes out whole; what it
// calls broken is refused by the fault it names.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareDisks, listArchive, verifyManifest } from '../src/verify.ts';
import { openScene, resultOf, type Scene } from './support/scene.ts';
import { schemaProblems } from './support/schema.ts';

const corpus = process.env['OVFKIT_CORPUS'] ?? '';
const descriptors = join(corpus, 'descriptors');
const run = promisify(execFile);

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.close());

/** Archives by path; how to export what comes of them, and whether their disks are real ones. */
const valid = [
  { path: 'vmware-terraform-provider-vcd--test_vapp_template.ova', kind: 'vapp', disks: 'vmdk' },
  { path: 'vmware-go-vcloud-director--template_with_custom_chunk_size.ova', kind: 'vapp', disks: 'chunked' },
  { path: 'openstack-glance--testserver.ova', kind: 'vm', disks: 'stub' },
  { path: 'harvester-vm-import-controller--test.ova', kind: 'vm', disks: 'vmdk' },
] as const;

/** Archives by path; how each is refused. */
const broken = [
  ['Awingu-open-ovf--ourOVF/ourOVF.ova', 4, /ourOVF\.ovf does not match its digest/],
  ['ganeti-ganeti--ovfdata/ova.ova', 3, /ganeti\.ovf:8:5: Disk vmdisk1 has no capacity/],
  ['ganeti-ganeti--ovfdata/no_ovf.ova', 3, /no descriptor/],
  ['ganeti-ganeti--ovfdata/wrong_ova.ova', 3, /not a tar archive/],
  ['openstack-glance--testserver-no-ovf.ova', 3, /no descriptor/],
  ['openstack-glance--testserver-bad-ovf.ova', 3, /illegal-xml\.ovf:\d+:\d+.*not well-formed/],
] as const;

test('every archive of the corpus is in one of the lists', () => {
  const archives = readdirSync(descriptors, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ova'),
  );
  const listed = [...valid.map(({ path }) => path), ...broken.map(([path]) => path)];
  expect(archives.toSorted()).toEqual(listed.toSorted());
});

describe.each(valid)('$path', ({ path, kind, disks }) => {
  const name = basename(path, '.ova');
  const flags = kind === 'vapp' ? ['--vapp'] : [];

  test('is imported', async () => {
    const ended = await scene.ovfkit([
      'import',
      join(descriptors, path),
      '--to',
      'lab',
      '-n',
      name,
      '--accept-eula',
      '--json',
    ]);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(resultOf(ended)[kind === 'vapp' ? 'vappId' : 'vmId']).toBeDefined();
  });

  test('comes out as a folder that other tools accept', async () => {
    const output = join(scene.folder, name);
    const ended = await scene.ovfkit(['export', name, ...flags, '--from', 'lab', '-o', output]);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0 });
    expect(await verifyManifest(join(output, `${name}.mf`))).toContain('sha256sum');
    expect(schemaProblems(readFileSync(join(output, `${name}.ovf`), 'utf8'))).toEqual([]);
    const files = (await readdir(output)).filter((file) => file.endsWith('.vmdk'));
    expect(files.length).toBeGreaterThan(0);
    if (disks === 'stub') return;
    for (const file of files) await run('qemu-img', ['check', '-f', 'vmdk', join(output, file)]);
    if (disks === 'vmdk') await compareDisks(join(descriptors, path), output);
  });

  test('comes out as an archive that tar reads', async () => {
    const output = join(scene.folder, `${name}.ova`);
    expect(await scene.ovfkit(['export', name, ...flags, '--from', 'lab', '-o', output])).toMatchObject({
      exitCode: 0,
    });
    const { names, reader } = await listArchive(output);
    expect(reader).toBe('tar');
    expect(names.slice(0, 2)).toEqual([`${name}.ovf`, `${name}.mf`]);
  });
});

describe.each(broken)('%s', (path, exitCode, message) => {
  test(`is refused with ${exitCode} and ${message}`, async () => {
    const ended = await scene.ovfkit([
      'import',
      join(descriptors, path),
      '--to',
      'lab',
      '-n',
      'broken',
      '--accept-eula',
    ]);
    expect(ended).toMatchObject({ exitCode, stderr: expect.stringMatching(message) });
    expect((await (await scene.rest()).listVms()).map(({ name }) => name)).not.toContain('broken');
  });
});

describe('inspect --json gives the facts that were checked by hand', () => {
  const expected = join(corpus, 'expected');
  const all = readdirSync(descriptors, { recursive: true, encoding: 'utf8' });

  test.each(readdirSync(expected))('%s', async (file) => {
    const stem = file.replace(/\.json$/, '');
    const [path] = all.filter(
      (name) => name === `${stem}.ovf` || (name.startsWith(`${stem}/`) && name.endsWith('.ovf')),
    );
    const { stdout } = await scene.ovfkit(['inspect', join(descriptors, path ?? file), '--json']);
    const facts = JSON.parse(readFileSync(join(expected, file), 'utf8'));
    // lists are of the same length, and every field of the facts is the same; the report has more fields
    expect(JSON.parse(stdout)).toMatchObject(facts);
  });
});
