import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readDescriptor, resolveConfiguration, systemsOf, writeTar } from '@ovfkit/package-format';
import { readStreamOptimized, verifyPackage, writeStreamOptimized } from '@ovfkit/package-format/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../src/output/report.ts';
import { type RepairOptions, repairPackage } from '../../src/repair/repair-package.ts';

const mib = 1024 ** 2;
const report: Report = { event: () => {}, close: () => {} };
const signal = new AbortController().signal;
let folder = '';
let disk: Uint8Array = new Uint8Array();
const path = (name: string): string => join(folder, name);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function joined(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

interface Wrong {
  readonly family?: string;
  readonly size?: number;
  readonly capacity?: number;
  readonly nvram?: boolean;
}

/** What another hypervisor writes: SATA and sound by its own names, sizes as they come. */
function descriptor({ family = 'vmx-13', size = disk.length, capacity = 2 * mib, nvram = false }: Wrong): string {
  const item = (id: number, type: number, more = ''): string =>
    `<Item><rasd:ElementName>Item ${id}</rasd:ElementName><rasd:InstanceID>${id}</rasd:InstanceID>${more}<rasd:ResourceType>${type}</rasd:ResourceType>`;
  return `<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <!-- a comment that stays -->
  <References><File ovf:id="f" ovf:href="disk.vmdk" ovf:size="${size}"/>${nvram ? '<File ovf:id="n" ovf:href="vm.nvram" ovf:size="8"/>' : ''}</References>
  <DiskSection><Info>Disks</Info><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="${capacity}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/></DiskSection>
  <VirtualSystem ovf:id="vm"><Info>A system</Info><VirtualHardwareSection><Info>Hardware</Info>
    <System><vssd:ElementName>Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>${family}</vssd:VirtualSystemType></System>
    ${item(1, 3)}<rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
    ${item(2, 4).replace('<rasd:ElementName>', '<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>')}<rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
    ${item(3, 20, '<rasd:ResourceSubType>AHCI</rasd:ResourceSubType>')}</Item>
    ${item(4, 35, '<rasd:ResourceSubType>ensoniq1371</rasd:ResourceSubType>')}</Item>
    ${nvram ? '<vmw:ExtraConfig ovf:required="false" vmw:key="nvram" vmw:value="ovf:/file/n"/>' : ''}
  </VirtualHardwareSection></VirtualSystem>
</Envelope>`;
}

/** An archive of the members in this order. */
async function archive(members: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> {
  const entries = Object.entries(members).map(([name, content]) => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return { name, size: bytes.length, bytes: once(bytes) };
  });
  return joined(writeTar(entries));
}

const repair = (options: Partial<RepairOptions> = {}) =>
  repairPackage(
    { signal },
    {
      options: {
        source: path('in.ova'),
        output: path('out.ova'),
        wishes: { nvram: 'keep' },
        digests: 'refuse',
        ...options,
      },
      report,
    },
  );
const codes = ({ changes }: Awaited<ReturnType<typeof repair>>): readonly string[] => changes.map(({ code }) => code);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovfkit-repair-'));
  const raw = Buffer.alloc(2 * mib);
  raw.write('data', mib);
  disk = await joined(writeStreamOptimized(once(raw), { capacity: raw.length, contentId: '00000001' }));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a package of another hypervisor, in the wrong order and with wrong sizes', () => {
  beforeEach(async () => {
    const text = descriptor({ family: 'virtualbox-2.2', size: 1, capacity: 5 * mib });
    await writeFile(path('in.ova'), await archive({ 'disk.vmdk': disk, 'vm.ovf': text }));
  });

  test('is sound afterwards, and every change is listed', async () => {
    const repaired = await repair({ wishes: { nvram: 'keep', target: 'vsphere-7.0' } });
    expect(codes(repaired)).toEqual([
      'FILE_SIZE',
      'CAPACITY',
      'HARDWARE_VERSION',
      'DEVICE_RENAMED',
      'DEVICE_REMOVED',
      'MEMBER_ORDER',
      'MANIFEST_MADE',
    ]);
    const verified = await verifyPackage(path('out.ova'));
    expect(verified.problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(verified.files.map(({ name }) => name)).toEqual(['vm.ovf', 'vm.mf', 'disk.vmdk']);
  });

  test('keeps comments, and the bytes of its disk', async () => {
    await repair({ output: path('out') });
    expect(await readFile(path('out/vm.ovf'), 'utf8')).toContain('a comment that stays');
    expect(await readFile(path('out/disk.vmdk'))).toEqual(Buffer.from(disk));
    const raw = await joined(readStreamOptimized(once(await readFile(path('out/disk.vmdk')))));
    expect(resolveConfiguration(readDescriptor(await readFile(path('out/vm.ovf')))).systems).toMatchObject([
      { disks: [] },
    ]);
    expect(raw.length).toBe(2 * mib);
  });

  test('has nothing left to repair', async () => {
    const wishes = { nvram: 'keep', target: 'vsphere-7.0' } as const;
    await repair({ wishes });
    const again = await repair({ source: path('out.ova'), output: path('again.ova'), wishes });
    expect(again).toEqual({ changes: [], remaining: [] });
    expect(await readdir(folder)).not.toContain('again.ova');
  });

  test('is only looked at by a dry run, which lists the same changes', async () => {
    const dry = await repair({ output: undefined });
    expect(await readdir(folder)).toEqual(['in.ova']);
    expect(dry.changes).toEqual((await repair()).changes);
  });

  test('takes a hardware version that is asked for', async () => {
    await repair({ output: path('out'), wishes: { nvram: 'keep', version: 'vmx-19' } });
    const [system] = systemsOf(readDescriptor(await readFile(path('out/vm.ovf'))).content);
    expect(system?.hardware[0]?.system?.virtualSystemType).toBe('vmx-19');
  });
});

test.each([
  ['vmx-21', 'vsphere-7.0', 'vmx-17'],
  ['vmx-21', 'vsphere-8.0u2', 'vmx-21'],
  ['vmx-22', 'vsphere-8.0u2', 'vmx-21'],
  ['vmx-20', 'workstation-16.2', 'vmx-19'],
  ['vmx-13', 'vsphere-7.0', 'vmx-13'],
  ['vmx-10 vmx-21', 'vsphere-6.5', 'vmx-10 vmx-21'],
  ['xen-3.0-unknown', 'vsphere-5.5', 'vmx-10'],
])('hardware %s for %s becomes %s', async (family, target, expected) => {
  await writeFile(path('in.ova'), await archive({ 'vm.ovf': descriptor({ family }), 'disk.vmdk': disk }));
  await repair({ output: path('out'), wishes: { nvram: 'keep', target } });
  const [system] = systemsOf(readDescriptor(await readFile(path('out/vm.ovf'))).content);
  expect(system?.hardware[0]?.system?.virtualSystemType).toBe(expected);
});

describe('NVRAM', () => {
  test('that is missing is not referred to any more', async () => {
    await writeFile(path('in.ova'), await archive({ 'vm.ovf': descriptor({ nvram: true }), 'disk.vmdk': disk }));
    expect(codes(await repair({ output: path('out') }))).toContain('NVRAM_REMOVED');
    const text = await readFile(path('out/vm.ovf'), 'utf8');
    expect(text).not.toContain('nvram');
  });

  test('that is there stays, and goes when that is asked for', async () => {
    const members = { 'vm.ovf': descriptor({ nvram: true }), 'disk.vmdk': disk, 'vm.nvram': 'EFI vars' };
    await writeFile(path('in.ova'), await archive(members));
    expect(codes(await repair())).toEqual(['MANIFEST_MADE']);
    await repair({ output: path('out'), wishes: { nvram: 'drop' } });
    expect((await readdir(path('out'))).toSorted()).toEqual(['disk.vmdk', 'vm.mf', 'vm.ovf']);
    expect((await verifyPackage(path('out'))).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});

test('a manifest at the very end is in its place, one among the files is not', async () => {
  const text = descriptor({});
  const digestOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
  const manifest = `SHA256(vm.ovf)= ${digestOf(text)}\nSHA256(disk.vmdk)= ${digestOf(disk)}\n`;
  await writeFile(path('in.ova'), await archive({ 'vm.ovf': text, 'disk.vmdk': disk, 'vm.mf': manifest }));
  expect(codes(await repair())).toEqual([]);
  const among = { 'vm.ovf': text, 'disk.vmdk': disk, 'vm.mf': manifest, 'notes.txt': 'x' };
  await writeFile(path('in.ova'), await archive(among));
  expect(codes(await repair())).toEqual(['MEMBER_ORDER', 'MANIFEST_INCOMPLETE']);
});

describe('a manifest', () => {
  const line = (name: string, digest: string): string => `SHA256 (${name}) = ${digest}\r\n`;

  test('that disagrees with a disk is damage, unless the bytes are said to be right', async () => {
    const members = { 'vm.ovf': descriptor({}), 'vm.mf': line('disk.vmdk', '0'.repeat(64)), 'disk.vmdk': disk };
    await writeFile(path('in.ova'), await archive(members));
    await expect(repair()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    await expect(repair({ output: undefined })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await readdir(folder)).toEqual(['in.ova']);
    expect(codes(await repair({ digests: 'replace' }))).toEqual([
      'MANIFEST_INCOMPLETE',
      'MANIFEST_DIALECT',
      'DIGEST_REPLACED',
    ]);
    expect((await verifyPackage(path('out.ova'))).problems.filter(({ kind }) => kind === 'digest')).toEqual([]);
  });

  test('of a descriptor that was edited by hand is damage, too', async () => {
    const members = { 'vm.ovf': descriptor({}), 'vm.mf': line('vm.ovf', '1'.repeat(64)), 'disk.vmdk': disk };
    await writeFile(path('in.ova'), await archive(members));
    await expect(repair()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', file: 'vm.ovf' });
    expect(codes(await repair({ digests: 'replace' }))).toContain('DIGEST_REPLACED');
  });
});

test('a manifest among the files of the descriptor is taken out of them', async () => {
  const text = descriptor({}).replace('</References>', '<File ovf:id="m" ovf:href="vm.mf" ovf:size="1"/></References>');
  await writeFile(path('in.ova'), await archive({ 'vm.ovf': text, 'vm.mf': '', 'disk.vmdk': disk }));
  expect(codes(await repair())).toEqual(['REFERENCE_REMOVED', 'MANIFEST_INCOMPLETE', 'MANIFEST_INCOMPLETE']);
  expect((await verifyPackage(path('out.ova'))).problems.filter(({ severity }) => severity !== 'info')).toEqual([]);
});

test('a compressed archive becomes a plain one', async () => {
  await writeFile(path('in.ova'), gzipSync(await archive({ 'vm.ovf': descriptor({}), 'disk.vmdk': disk })));
  expect(codes(await repair())).toEqual(['UNWRAPPED', 'MANIFEST_MADE']);
  expect((await verifyPackage(path('out.ova'))).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
});
