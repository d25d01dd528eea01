import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OvfParams } from '@ovfkit/domain';
import { type DigestAlgorithm, type PackageReader, writeManifest, writeOva } from '@ovfkit/package-format';
import { openPackage } from '@ovfkit/package-format/node';
import { onTestFinished } from 'vitest';
import { tempFolder } from './service.ts';

export const pool = { resourcePool: 'resgroup-8' } as const;

/** Takes every default and accepts the licence. */
export const defaults = (): readonly OvfParams[] => [{ type: 'EulaParams', allEulaAccepted: true }];

/** Bytes that look random and are the same every time. */
export function noise(seed: string, size: number): Uint8Array {
  const key = createHash('sha256').update(seed).digest();
  return createCipheriv('aes-256-ctr', key, new Uint8Array(16)).update(new Uint8Array(size));
}

export interface Sample {
  /** By name, in their order; the descriptor first. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** An appliance with so many disks of `diskSize` bytes, a licence, and a message bundle when `withBundle` is there. */
export function makeSample({
  disks = 2,
  diskSize = 300_000,
  bundle,
}: {
  disks?: number;
  diskSize?: number;
  bundle?: string;
} = {}): Sample {
  const contents = Array.from({ length: disks }, (_, each) => noise(`disk ${each}`, diskSize));
  const files = new Map<string, Uint8Array>([['app.ovf', Buffer.from(descriptorOf(contents, bundle))]]);
  if (bundle !== undefined) files.set('de.msg', Buffer.from(bundle));
  for (const [each, bytes] of contents.entries()) files.set(`disk${each}.vmdk`, bytes);
  return withManifest({ files });
}

/** The same with a manifest of what is in it now, right after the descriptor. */
export function withManifest({ files }: Sample, algorithm: DigestAlgorithm = 'SHA256'): Sample {
  const entries = [...files]
    .filter(([name]) => name !== 'app.mf')
    .map(([name, bytes]) => ({ name, algorithm, digest: createHash(algorithm).update(bytes).digest('hex') }) as const);
  const [descriptor, ...others] = [...files].filter(([name]) => name !== 'app.mf');
  return {
    files: new Map([...(descriptor ? [descriptor] : []), ['app.mf', Buffer.from(writeManifest(entries))], ...others]),
  };
}

/** The same with other bytes in one file; the manifest stays as it was. */
export const withFile = ({ files }: Sample, name: string, bytes: Uint8Array): Sample => ({
  files: new Map([...files, [name, bytes]]),
});

export const without = ({ files }: Sample, name: string): Sample => ({
  files: new Map([...files].filter(([each]) => each !== name)),
});

function descriptorOf(disks: readonly Uint8Array[], bundle: string | undefined): string {
  const references = disks.map(
    ({ length }, each) => `<File ovf:id="f${each}" ovf:href="disk${each}.vmdk" ovf:size="${length}"/>`,
  );
  if (bundle !== undefined)
    references.push(`<File ovf:id="de" ovf:href="de.msg" ovf:size="${Buffer.byteLength(bundle)}"/>`);
  const format = 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized';
  const section = disks.map(
    (_, each) =>
      `<Disk ovf:diskId="d${each}" ovf:fileRef="f${each}" ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30" ovf:format="${format}"/>`,
  );
  const items = disks.map(
    (_, each) =>
      `<Item><rasd:AddressOnParent>${each}</rasd:AddressOnParent><rasd:ElementName>Disk ${each}</rasd:ElementName><rasd:HostResource>ovf:/disk/d${each}</rasd:HostResource><rasd:InstanceID>${10 + each}</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>${references.join('')}</References>
  <DiskSection><Info>Disks</Info>${section.join('')}</DiskSection>
  <VirtualSystem ovf:id="app">
    <Info>A machine</Info>
    <Name>app</Name>
    <EulaSection><Info>License</Info><License>Be kind.</License></EulaSection>
    <VirtualHardwareSection>
      <Info>Hardware</Info>
      <System><vssd:ElementName>Hardware</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemType>vmx-15</vssd:VirtualSystemType></System>
      <Item><rasd:ElementName>1 CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>256</rasd:VirtualQuantity></Item>
      <Item><rasd:ElementName>SCSI</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
      ${items.join('\n      ')}
    </VirtualHardwareSection>
  </VirtualSystem>
  ${bundle === undefined ? '' : '<Strings xml:lang="de" ovf:fileRef="de"/>'}
</Envelope>
`;
}

/** On disk as a folder, opened. */
export async function asFolder({ files }: Sample): Promise<PackageReader> {
  const folder = await tempFolder();
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return opened(join(folder, 'app.ovf'));
}

/** On disk as an archive, opened. */
export async function asOva({ files }: Sample): Promise<PackageReader> {
  const path = join(await tempFolder(), 'app.ova');
  const entries = [...files].map(([name, bytes]) => ({ name, size: bytes.length, bytes: once(bytes) }));
  await writeFile(path, writeOva(entries));
  return opened(path);
}

async function opened(path: string): Promise<PackageReader> {
  const reader = await openPackage(path);
  onTestFinished(() => reader.close());
  return reader;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.length > 0) yield bytes;
}

/** Everything of a stream. */
export async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes of all files. */
export const sizeOf = ({ files }: Sample): number => [...files.values()].reduce((sum, { length }) => sum + length, 0);

/** Digests of a sample's disks, in their order. */
export const disksOf = ({ files }: Sample): readonly string[] =>
  [...files].filter(([name]) => name.endsWith('.vmdk')).map(([, bytes]) => sha256(bytes));
