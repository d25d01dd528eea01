import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { jsonLines } from '../src/ovfkit.ts';
import { resultOf } from './support/scene.ts';
import { openVcenterScene, type VcenterScene } from './support/vcenter-scene.ts';

const capacity = 3 * 1024 ** 2;

const item = (fields: Readonly<Record<string, string | number>>): string =>
  `<Item>${Object.entries(fields)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `<rasd:${name}>${value}</rasd:${name}>`)
    .join('')}</Item>`;

const system = (id: string, { disk, more = '' }: { readonly disk: string; readonly more?: string }): string =>
  `<VirtualSystem ovf:id="${id}"><Info/><Name>${id}</Name><VirtualHardwareSection><Info/>
  <System><vssd:ElementName>h</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-13</vssd:VirtualSystemType></System>
  ${item({ ElementName: 'cpu', InstanceID: 1, ResourceType: 3, VirtualQuantity: 2 })}
  ${item({ AllocationUnits: 'byte * 2^20', ElementName: 'mem', InstanceID: 2, ResourceType: 4, VirtualQuantity: 256 })}
  ${item({ ElementName: 'scsi', InstanceID: 3, ResourceSubType: 'VirtualSCSI', ResourceType: 6 })}
  ${item({ AddressOnParent: 0, ElementName: 'hd', HostResource: `ovf:/disk/${disk}`, InstanceID: 4, Parent: 3, ResourceType: 17 })}
  ${item({ AutomaticAllocation: 'true', Connection: 'lan', ElementName: 'nic', InstanceID: 5, ResourceSubType: 'VmxNet3', ResourceType: 10 })}
  ${more}</VirtualHardwareSection></VirtualSystem>`;

const drives = `${item({ Address: 0, ElementName: 'ide', InstanceID: 6, ResourceType: 5 })}
  ${item({ AddressOnParent: 0, ElementName: 'cd', HostResource: 'ovf:/file/iso', InstanceID: 7, Parent: 6, ResourceType: 15 })}
  ${item({ AddressOnParent: 0, ElementName: 'floppy', HostResource: 'ovf:/file/flp', InstanceID: 8, ResourceType: 14 })}
  <vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/nv"/>`;

const files = { f1: 'one.vmdk', f2: 'two.vmdk', iso: 'seed.iso', flp: 'boot.flp', nv: 'fw.nvram' } as const;
const format = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
const cim = 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM';

const descriptor = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:vssd="${cim}_VirtualSystemSettingData" xmlns:rasd="${cim}_ResourceAllocationSettingData">
<References>${Object.entries(files)
  .map(([id, href]) => `<File ovf:id="${id}" ovf:href="${href}"/>`)
  .join('')}</References>
<DiskSection><Info/>${['f1', 'f2'].map((id) => `<Disk ovf:diskId="${id}" ovf:fileRef="${id}" ovf:capacity="${capacity}" ovf:format="${format}"/>`).join('')}</DiskSection>
<NetworkSection><Info/><Network ovf:name="lan"><Description/></Network></NetworkSection>
<VirtualSystemCollection ovf:id="suite"><Info/><Name>suite</Name>${system('front', { disk: 'f1', more: drives })}
  <VirtualSystemCollection ovf:id="inner"><Info/><Name>inner</Name>${system('store', { disk: 'f2' })}</VirtualSystemCollection>
</VirtualSystemCollection></Envelope>`;

/** A vApp in a vApp, with firmware, an image and a floppy. Resolves to the digests of its files. */
async function writePackage({ folder }: VcenterScene, path: string): Promise<ReadonlyMap<string, string>> {
  const sample = join(folder, 'sample');
  const disk = (await readdir(sample)).find((name) => name.endsWith('.vmdk')) ?? '';
  await mkdir(path);
  await writeFile(join(path, 'suite.ovf'), descriptor);
  const digests = new Map<string, string>();
  for (const name of Object.values(files)) {
    const bytes = name.endsWith('.vmdk') ? await readFile(join(sample, disk)) : randomBytes(40_000);
    await writeFile(join(path, name), bytes);
    digests.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  return digests;
}

test('a vApp in a vApp goes in and out with firmware and images, and what vSphere takes nothing of is told', async () => {
  const scene = await openVcenterScene([capacity]);
  onTestFinished(() => scene.close());
  Object.assign(scene.switches, { sessionApi: 'off', library: 'off' });
  const path = join(scene.folder, 'nested');
  const digests = await writePackage(scene, path);
  const login = ['--user', scene.user, '--thumbprint', scene.thumbprint, '--json'];
  const to = ['--to', scene.url, ...login, '--cluster', 'cluster 1'];
  const imported = await scene.ovfkit(['import', path, ...to, '-n', 'outer', '--net', 'lan=prod']);
  expect(resultOf(imported)).toMatchObject({ status: 'succeeded', vappId: expect.any(String) });
  const made = scene.server.model.all().filter(({ ref }) => ref.type === 'VirtualApp');
  expect(made.map(({ properties }) => properties['name'])).toEqual(['suite', 'outer', 'inner']);
  // our test server knows no floppies
  expect(jsonLines(imported.stdout).filter(({ type }) => type === 'warning')).toMatchObject([
    { message: 'vSphere takes no boot.flp of this package: outer is made without it.' },
  ]);
  const exportTo = async (name: string): Promise<string> => {
    const output = join(scene.folder, name);
    const words = ['export', name, '--vapp', '--from', scene.url, ...login, '--flag', 'CDROM', '-o', output];
    const exported = await scene.ovfkit([...words, '--name', 'out']);
    expect(resultOf(exported)).toMatchObject({ status: 'succeeded' });
    if (name === 'outer') expect(exported.stdout).toContain('The machines of inner are exported in outer itself');
    return output;
  };
  const first = await exportTo('outer');
  const manifest = await readFile(join(first, 'out.mf'), 'utf8');
  for (const name of ['one.vmdk', 'two.vmdk', 'seed.iso', 'fw.nvram']) expect(manifest).toContain(digests.get(name));
  const text = await readFile(join(first, 'out.ovf'), 'utf8');
  expect(text).toContain('The prod network');
  expect(text).not.toContain('dvportgroup-33');
  const again = await scene.ovfkit(['import', first, ...to, '-n', 'twin', '--net', 'prod=prod']);
  expect(resultOf(again)).toMatchObject({ status: 'succeeded' });
  const shape = async (folder: string) => {
    const { stdout } = await scene.ovfkit(['inspect', folder, '--json']);
    const { content, systems } = JSON.parse(stdout);
    return JSON.stringify({ content, systems })
      .replaceAll('twin', 'outer')
      .replaceAll(/vm-\d+/g, 'vm');
  };
  const shown = await shape(first);
  expect(shown).toMatch(/"front".*"store"/);
  expect(await shape(await exportTo('twin'))).toBe(shown);
});
