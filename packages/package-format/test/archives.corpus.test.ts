// Every package of the corpus, one line each: what its INDEX.md calls broken has to be refused or found, by that fault.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { type PackageErrorCode, readAll, readDescriptor, readManifest, readTar } from '@ovfkit/package-format';
import { digest, maxTextSize, openPackage, unwrapped } from '@ovfkit/package-format/node';
import { expect, test } from 'vitest';
import { all, folder } from './corpus-files.ts';
import { refusalCode } from './source.ts';

const archives: readonly (readonly [name: string, members: number, wrong: readonly string[] | undefined])[] = [
  ['Awingu-open-ovf--ourOVF/ourOVF.ova', 5, ['ourOVF.ovf', 'ourOVF.mf']],
  ['ganeti-ganeti--ovfdata/ova.ova', 2, undefined],
  ['harvester-vm-import-controller--test.ova', 4, []],
  ['openstack-glance--testserver.ova', 2, undefined],
  ['vmware-go-vcloud-director--template_with_custom_chunk_size.ova', 3, undefined],
  ['vmware-terraform-provider-vcd--test_vapp_template.ova', 3, []],
];

test.each(archives)(
  '%s has %i members, seeking or streaming, and the digests %j are wrong',
  async (name, members, wrong) => {
    const reader = await openPackage(join(folder, name));
    const streamed: string[] = [];
    for await (const member of readTar(
      unwrapped(createReadStream(join(folder, name), { highWaterMark: 777 }), { file: name }),
    ))
      streamed.push(member.name);
    expect(streamed).toEqual(reader.members.map((member) => member.name));
    expect(streamed).toHaveLength(members);
    const manifest = streamed.find((member) => member.endsWith('.mf'));
    expect(manifest === undefined).toBe(wrong === undefined);
    const mismatches: string[] = [];
    for (const entry of manifest === undefined
      ? []
      : readManifest(await readAll(reader.read(manifest), maxTextSize)).entries) {
      if ((await digest(reader.read(entry.name), entry.algorithm)) !== entry.digest) mismatches.push(entry.name);
    }
    expect(mismatches).toEqual(wrong ?? []);
    await reader.close();
  },
);

const noArchives: readonly (readonly [name: string, code: PackageErrorCode])[] = [
  ['ganeti-ganeti--ovfdata/no_ovf.ova', 'DESCRIPTOR_MISSING'],
  ['ganeti-ganeti--ovfdata/wrong_ova.ova', 'TAR_INVALID'],
  ['openstack-glance--testserver-no-ovf.ova', 'DESCRIPTOR_MISSING'],
];

test.each(noArchives)('%s is refused as %s', async (name, code) => {
  expect(await refusalCode(() => openPackage(join(folder, name)))).toBe(code);
});

test('an archive whose descriptor is no XML is refused when that is read', async () => {
  const reader = await openPackage(join(folder, 'openstack-glance--testserver-bad-ovf.ova'));
  const bytes = await readAll(reader.read(reader.descriptorName), maxTextSize);
  await reader.close();
  expect(await refusalCode(() => readDescriptor(bytes))).toBe('XML_INVALID');
});

test('every archive of the corpus has its line', () => {
  const lines = [
    ...archives.map(([name]) => name),
    ...noArchives.map(([name]) => name),
    'openstack-glance--testserver-bad-ovf.ova',
  ];
  expect(lines.toSorted()).toEqual(all.filter((name) => name.endsWith('.ova')).toSorted());
});
