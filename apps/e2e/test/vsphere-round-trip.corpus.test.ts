// Real packages by leases: in, out, in and out again. Of what came in, disks come out byte for byte, and networks by their names; the
// second time round nothing changes any more.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Content, readDescriptor } from '@ovfkit/package-format';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ended } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

const descriptors = join(process.env['OVFKIT_CORPUS'] ?? '', 'descriptors');

/** Whole packages of real disks; the last has one in pieces, which comes out whole. */
const packages = [
  { path: 'harvester-vm-import-controller--test.ova', kind: 'vm' },
  { path: 'vmware-terraform-provider-vcd--test_vapp_template.ova', kind: 'vapp' },
  { path: 'vmware-go-vcloud-director--template_with_custom_chunk_size.ova', kind: 'vapp' },
] as const;

let scene: VcenterScene;
beforeAll(async () => {
  scene = await openVcenterScene();
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
});
afterAll(() => scene.close());

interface Shown {
  readonly networks: readonly string[];
  readonly systems: readonly { readonly cpus: number; readonly memoryMiB: number; readonly nics: readonly object[] }[];
  readonly files: readonly { readonly href: string }[];
}

async function inspected(path: string): Promise<Shown> {
  const { stdout } = await scene.ovfkit(['inspect', path, '--lax', '--json']);
  return JSON.parse(stdout);
}

const succeeded = (ended: Ended) => expect(resultOf(ended), ended.stderr).toMatchObject({ status: 'succeeded' });

async function importIt(path: string, name: string): Promise<Ended> {
  const { networks } = await inspected(path);
  const place = ['--to', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint, '--cluster', 'cluster 1'];
  const nets = networks.flatMap((each) => ['--net', `${each}=${each === 'prod' ? 'prod' : 'VM Network'}`]);
  return scene.ovfkit(['import', path, '-n', name, ...place, ...nets, '--accept-eula', '--lax', '--json']);
}

async function exportIt(name: string, kind: 'vm' | 'vapp'): Promise<string> {
  const output = join(scene.folder, `${name}.ova`);
  const from = ['--from', scene.url, '--user', scene.user, '--thumbprint', scene.thumbprint];
  const words = ['export', name, ...(kind === 'vapp' ? ['--vapp'] : []), ...from, '-o', output, '--name', 'out'];
  succeeded(await scene.ovfkit([...words, '--json']));
  expect(await scene.ovfkit(['verify', output])).toMatchObject({ exitCode: 0 });
  return output;
}

/** Digests of the disks in an archive, whatever they are called. */
async function disksOf(path: string): Promise<readonly string[]> {
  const folder = join(scene.folder, `unpacked-${basename(path, '.ova')}`);
  await scene.ovfkit(['unpack', path, '-o', folder]);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.vmdk'));
  const digests = names.map(async (name) => sha256(await readFile(join(folder, name))));
  return (await Promise.all(digests)).toSorted();
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The descriptor in an archive. */
async function descriptorIn(path: string): Promise<string> {
  const folder = join(scene.folder, `described-${basename(path, '.ova')}`);
  await scene.ovfkit(['unpack', path, '-o', folder]);
  return readFile(join(folder, 'out.ovf'), 'utf8');
}

/** Systems and collections as they are nested, each with its sections of vendors, and in which order a collection starts what it holds. */
const outlined = (content: Content): object => ({
  id: content.id,
  sections: content.sections.map(({ name, meaning }) =>
    meaning?.kind === 'Startup' ? meaning.items.map(({ id, order }) => `${order} ${id}`).toSorted() : name,
  ),
  children: content.kind === 'VirtualSystem' ? [] : content.children.map(outlined),
});

const outlineOf = (text: string | Uint8Array) => {
  const { content } = readDescriptor(text, { lax: true });
  return { ...outlined(content), id: 'out' };
};

test('a vApp in a vApp comes out as it went in, with sections that nobody knows', async () => {
  const path = join(descriptors, 'vmware-govmomi--unknownSectionsVApp.ovf');
  const fitting = join(scene.folder, 'fitting-sections.ova');
  const repair = ['repair', path, '-o', fitting, '--hardware', 'vmx-13'];
  expect(await scene.ovfkit(repair)).toMatchObject({ exitCode: 0 });
  succeeded(await importIt(fitting, 'sections'));
  const first = await exportIt('sections', 'vapp');
  const text = await descriptorIn(first);
  expect(outlineOf(text)).toEqual(outlineOf(await readFile(path)));
  succeeded(await importIt(first, 'sections-again'));
  expect(await descriptorIn(await exportIt('sections-again', 'vapp'))).toBe(text);
});

describe.each(packages)('$path', ({ path, kind }) => {
  const name = basename(path).replace(/\.\w+$/, '');

  test('comes out as it went in', async () => {
    const fitting = join(scene.folder, `fitting-${name}.ova`);
    const repair = ['repair', join(descriptors, path), '-o', fitting, '--hardware', 'vmx-13'];
    expect(await scene.ovfkit(repair)).toMatchObject({ exitCode: 0 });
    succeeded(await importIt(fitting, name));
    const before = await inspected(fitting);
    const first = await exportIt(name, kind);
    if (!path.includes('chunk')) expect(await disksOf(first)).toEqual(await disksOf(fitting));
    const after = await inspected(first);
    const machines = ({ systems }: Shown) => systems.map(({ cpus, memoryMiB, nics }) => [cpus, memoryMiB, nics.length]);
    expect(machines(after)).toEqual(machines(before));
    succeeded(await importIt(first, `${name}-again`));
    const second = await exportIt(`${name}-again`, kind);
    expect(await disksOf(second)).toEqual(await disksOf(first));
    expect((await inspected(second)).networks).toEqual(after.networks);
    expect(machines(await inspected(second))).toEqual(machines(after));
  });
});
