import { deflateSync } from 'node:zlib';
import { join, noise } from './sample-bytes.ts';

// A streamOptimized VMDK, little-endian, in sectors of 512 bytes:
//   header | disk descriptor | to sector 128: nothing | grain … | marker, grain table | marker, grain directory |
//   marker, footer (the header with the directory's place) | end marker

const sector = 512;
const grainSectors = 128;
const capacitySectors = 2048; // one grain table of 512 entries covers 32 MiB
const unknownOffset = 0xffff_ffff_ffff_ffffn;

/** Bytes the guest sees on `sampleDisk`. */
export const sampleDiskCapacity = capacitySectors * sector;

/** A disk of 1 MiB with two grains of content, as a streamOptimized VMDK that disk tools accept. */
export function sampleDisk(seed: string): Uint8Array {
  const grains = [0, 9].map((index) =>
    compressedGrain(index * grainSectors, noise(grainSectors * sector, `${seed}/${index}`)),
  );
  const start = [header(unknownOffset), diskDescriptor(seed), new Uint8Array((grainSectors - 21) * sector)];
  const offsets: number[] = [];
  let position = grainSectors;
  for (const grain of grains) {
    offsets.push(position);
    position += grain.length / sector;
  }
  const tableAt = position + 1;
  const directoryAt = tableAt + 4 + 1;
  const table = words(512, [
    [0, offsets[0] ?? 0],
    [9, offsets[1] ?? 0],
  ]);
  return join([
    ...start,
    ...grains,
    marker(4, 1),
    table,
    marker(1, 2),
    words(sector / 4, [[0, tableAt]]),
    marker(1, 3),
    header(BigInt(directoryAt)),
    marker(0, 0),
  ]);
}

function header(directoryAt: bigint): Uint8Array {
  const bytes = new Uint8Array(sector);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x564d444b, true); // KDMV
  view.setUint32(4, 3, true);
  view.setUint32(8, 0x30001, true); // newline test, compressed grains, markers
  view.setBigUint64(12, BigInt(capacitySectors), true);
  view.setBigUint64(20, BigInt(grainSectors), true);
  view.setBigUint64(28, 1n, true); // disk descriptor: where, and how long
  view.setBigUint64(36, 20n, true);
  view.setUint32(44, 512, true); // entries of a grain table
  view.setBigUint64(56, directoryAt, true);
  view.setBigUint64(64, BigInt(grainSectors), true); // where the grains begin
  bytes.set([10, 32, 13, 10], 73); // line ends that a transfer as text would spoil
  view.setUint16(77, 1, true); // deflate
  return bytes;
}

function diskDescriptor(seed: string): Uint8Array {
  const bytes = new Uint8Array(20 * sector);
  const text = `# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="streamOptimized"

RDONLY ${capacitySectors} SPARSE "${seed}.vmdk"

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "1"
ddb.geometry.heads = "64"
ddb.geometry.sectors = "32"
ddb.virtualHWVersion = "10"
`;
  bytes.set(new TextEncoder().encode(text));
  return bytes;
}

function compressedGrain(firstSector: number, contents: Uint8Array): Uint8Array {
  const packed = deflateSync(contents);
  const bytes = new Uint8Array(Math.ceil((12 + packed.length) / sector) * sector);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(firstSector), true);
  view.setUint32(8, packed.length, true);
  bytes.set(packed, 12);
  return bytes;
}

/** `type`: 0 end, 1 grain table, 2 grain directory, 3 footer. */
function marker(sectors: number, type: number): Uint8Array {
  const bytes = new Uint8Array(sector);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(sectors), true);
  view.setUint32(12, type, true);
  return bytes;
}

function words(count: number, entries: readonly (readonly [index: number, value: number])[]): Uint8Array {
  const bytes = new Uint8Array(count * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of entries) view.setUint32(index * 4, value, true);
  return bytes;
}
