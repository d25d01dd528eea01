import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { concat, randomAccessOf, type TarInputEntry, writeManifest, writeTar } from '@ovfkit/package-format';
import { convertDisk, signManifest, writeStreamOptimized } from '@ovfkit/package-format/node';
import { makeIdentity } from '../test/identity.ts';
import { makeSparseDisk } from '../test/sparse-disk.ts';
import type { Target } from './targets.ts';

/** Files to start from, by what they are. */
export type Seeds = ReadonlyMap<Target['kind'], readonly Uint8Array[]>;

/** Larger ones would make every round slow, and teach nothing more. */
const maxSeed = 512 * 1024;

const kinds: readonly (readonly [RegExp, Target['kind']])[] = [
  [/bundle\.(?:msg|xml)$/i, 'bundle'],
  [/\.(?:ovf|xml)$/i, 'descriptor'],
  [/\.mf$/i, 'manifest'],
  [/\.cert$/i, 'certificate'],
  [/\.ova$/i, 'archive'],
  [/\.vmdk$/i, 'disk'],
];

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return concat(parts);
}

const text = (value: string) => new TextEncoder().encode(value);

const descriptor = text(`<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
  <References><File ovf:id="f" ovf:href="disk.vmdk"/></References>
  <DiskSection><Info/><Disk ovf:diskId="d" ovf:fileRef="f" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^20"/></DiskSection>
  <DeploymentOptionSection><Info/><Configuration ovf:id="small"><Label/><Description/></Configuration></DeploymentOptionSection>
  <VirtualSystem ovf:id="vm"><Info/>
    <ProductSection><Info/><Property ovf:key="k" ovf:type="uint8" ovf:qualifiers="MinValue(1)" ovf:value="2"/></ProductSection>
    <VirtualHardwareSection><Info/><Item ovf:configuration="small"><rasd:InstanceID>1</rasd:InstanceID>
      <rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item></VirtualHardwareSection>
  </VirtualSystem>
</Envelope>`);

const bundle = text(`<?xml version="1.0"?>
<Strings xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xml:lang="de-DE">
  <Msg ovf:msgid="label">Beschriftung &amp; mehr</Msg></Strings>`);

const flatDescriptor = text(`# Disk DescriptorFile
createType="twoGbMaxExtentFlat"
RW 2048 FLAT "disk-f001.vmdk" 0
RW 63 ZERO
RW 100 FLAT "disk-f002.vmdk" 10
`);

const diskDescriptor = text(`# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="twoGbMaxExtentSparse"
RW 4192256 SPARSE "disk-s001.vmdk"
RW 2048 FLAT "disk-f002.vmdk" 0
ddb.adapterType = "lsilogic"
`);

/** Two files, one in pieces and one packed as well. */
const chunkedDescriptor =
  text(`<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
  <References><File ovf:id="a" ovf:href="a.iso" ovf:size="2500" ovf:chunkSize="1000"/>
    <File ovf:id="b" ovf:href="b.iso" ovf:compression="gzip" ovf:chunkSize="40"/></References>
  <VirtualSystem ovf:id="vm"><Info/></VirtualSystem></Envelope>`);

/** An archive with a descriptor, as `xz -9` packs it: Node.js cannot make xz data. */
const xzArchive = Buffer.from(
  [
    '/Td6WFoAAAFpIt42AgAhARwAAAAQz1jM4Af/AFVdADsbQcWCTnKRFd/WhB0CdTod2NugnOuVFEBdJLUGeLZPunvmkhCXDicI',
    'IDvdJTUxXIw4wQ6v5P3Laq2kOIodHct8i+BIlCjXIK9nlmMh0bocW3lTOgAAAAAAvjnOHwABbYAQAAAAVC/Alj4wDYsCAAAA',
    'AAFZWg==',
  ].join(''),
  'base64',
);

function archiveOf(members: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array> {
  const entries = members.map(([name, bytes]): TarInputEntry => ({ name, size: bytes.length, bytes: bytesOf(bytes) }));
  return collect(writeTar(entries));
}

function piecesOf(href: string, bytes: Uint8Array, size: number): readonly (readonly [string, Uint8Array])[] {
  return Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, index) =>
      [`${href}.${String(index).padStart(9, '0')}`, bytes.subarray(index * size, (index + 1) * size)] as const,
  );
}

function chunkedArchive(): Promise<Uint8Array> {
  const content = new Uint8Array(2500).map((_, at) => at % 251);
  return archiveOf([
    ['vm.ovf', chunkedDescriptor],
    ...piecesOf('a.iso', content, 1000),
    ...piecesOf('b.iso', gzipSync(content), 40),
  ]);
}

async function certificateOf(manifest: Uint8Array): Promise<Uint8Array> {
  const root = await makeIdentity({ subject: 'Root' });
  const { key, certificate } = await makeIdentity({ subject: 'Signer', issuer: root });
  const chain = `${certificate}\n${root.certificate}`;
  return text(signManifest({ manifest, manifestName: 'vm.mf', identity: { key, chain } }));
}

/** Seeds that are made here, for a run without a corpus. */
async function madeSeeds(): Promise<readonly (readonly [Target['kind'], Uint8Array])[]> {
  const raw = new Uint8Array(300 * 1024).map((_, at) => (at < 100_000 ? at % 251 : 0));
  const vmdk = await collect(writeStreamOptimized(bytesOf(raw), { capacity: raw.length }));
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-fuzz-'));
  const path = join(folder, 'disk.qcow2');
  await convertDisk(randomAccessOf(raw), { to: 'qcow2', path });
  const qcow2 = new Uint8Array(await readFile(path));
  await rm(folder, { recursive: true });
  const manifest = text(writeManifest([{ name: 'vm.ovf', algorithm: 'SHA256', digest: '0'.repeat(64) }]));
  const archive = await archiveOf([
    ['vm.ovf', descriptor],
    ['vm.mf', manifest],
    [`${'long/'.repeat(30)}ü.txt`, text('x')],
    ['disk.vmdk', vmdk],
  ]);
  return [
    ['descriptor', descriptor],
    ['manifest', manifest],
    ['bundle', bundle],
    ['certificate', text(`SHA256(vm.mf)= 00ff\n-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n`)],
    ['certificate', await certificateOf(manifest)],
    ['archive', archive],
    ['disk', vmdk],
    ['disk', qcow2],
    ['disk', makeSparseDisk()],
    ['diskDescriptor', diskDescriptor],
    ['diskDescriptor', flatDescriptor],
    ['chunked', await chunkedArchive()],
    ['wrapped', xzArchive],
    ['wrapped', gzipSync(archive)],
    ['wrapped', zstdCompressSync(archive)],
  ];
}

async function corpusSeeds(folder: string): Promise<readonly (readonly [Target['kind'], Uint8Array])[]> {
  const found: (readonly [Target['kind'], Uint8Array])[] = [];
  for (const name of (await readdir(folder, { recursive: true })).toSorted()) {
    const kind = kinds.find(([pattern]) => pattern.test(name))?.[1];
    const path = join(folder, name);
    if (kind === undefined || (await stat(path)).size > maxSeed) continue;
    found.push([kind, new Uint8Array(await readFile(path))]);
  }
  return found;
}

/** Seeds that are made, and those of a corpus if there is a folder with one. */
export async function readSeeds(corpus: string | undefined): Promise<Seeds> {
  const all = [...(await madeSeeds()), ...(corpus === undefined ? [] : await corpusSeeds(corpus))];
  const seeds = new Map<Target['kind'], Uint8Array[]>();
  for (const [kind, bytes] of all) seeds.set(kind, [...(seeds.get(kind) ?? []), bytes]);
  return seeds;
}
