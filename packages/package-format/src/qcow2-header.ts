// qcow2, big-endian: magic "QFI\xfb" 4, version 4, backing file offset 8 and size 4, cluster bits 4, disk size 8,
// encryption 4, L1 entries 4, L1 offset 8, refcount table offset 8 and clusters 4, snapshots 4 and their offset 8;
// version 3 goes on with features: incompatible 8, compatible 8, autoclear 8, refcount order 4, header length 4,
// and from byte 104 the compression type.
import { PackageError } from './errors.ts';

/** The header of a qcow2 image. Sizes and offsets in bytes. */
export interface Qcow2Header {
  readonly version: number;
  readonly capacity: number;
  readonly clusterSize: number;
  readonly tableOffset: number;
  readonly tableEntries: number;
  readonly compression: 'deflate' | 'zstd';
}

/** Where a cluster of the disk is: nowhere (zeros), as it is, or compressed in `size` bytes at most. */
export type Qcow2Cluster =
  | { readonly kind: 'zero' }
  | { readonly kind: 'plain'; readonly offset: number }
  | { readonly kind: 'compressed'; readonly offset: number; readonly size: number };

/** Bytes of the header that are looked at. */
export const qcow2HeaderSize = 112;

const magic = 0x514649fb;
const maxCapacity = 2 ** 53 - 1;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function invalid(message: string, offset = 0): PackageError {
  return new PackageError('QCOW2_INVALID', message, { offset });
}

/** Whether the bytes begin with the magic number of qcow2. */
export function hasQcow2Magic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0) === magic;
}

/** Whether the bit of that number, counted from the right, is set. */
function hasBit(value: number, bit: number): boolean {
  return Math.floor(value / 2 ** bit) % 2 === 1;
}

function checkFeatures(view: DataView): 'deflate' | 'zstd' {
  const unknown = view.getUint32(72);
  const features = view.getUint32(76);
  if (unknown !== 0 || features >= 2 ** 5)
    throw invalid('The image uses a feature that nobody knew when this was written', 72);
  if (hasBit(features, 1)) throw invalid('The image is marked as corrupt', 72);
  if (hasBit(features, 2)) throw invalid('The image has its data in another file', 72);
  if (hasBit(features, 4)) throw invalid('The image has subclusters, which are not supported', 72);
  if (!hasBit(features, 3)) return 'deflate';
  const type = view.getUint32(100) > 104 ? view.getUint8(104) : 0;
  if (type > 1) throw invalid(`The image is compressed in the unknown way ${type}`, 104);
  return type === 1 ? 'zstd' : 'deflate';
}

/**
 * Decodes the header of a qcow2 image of version 2 or 3.
 * @throws PackageError QCOW2_INVALID when a figure is wrong, or the image is encrypted, has a backing file or needs a
 * feature that is not supported
 */
export function decodeQcow2Header(bytes: Uint8Array): Qcow2Header {
  if (bytes.length < qcow2HeaderSize || !hasQcow2Magic(bytes)) throw invalid('This is not a qcow2 image');
  const view = viewOf(bytes);
  const version = view.getUint32(4);
  if (version !== 2 && version !== 3) throw invalid(`The image is of the unknown version ${version}`, 4);
  if (view.getBigUint64(8) !== 0n) throw invalid('The image needs a backing file; flatten it first', 8);
  const clusterBits = view.getUint32(20);
  if (clusterBits < 9 || clusterBits > 21) throw invalid(`The image says its clusters have 2^${clusterBits} bytes`, 20);
  const capacity = Number(view.getBigUint64(24));
  if (capacity > maxCapacity) throw invalid('The image says it is larger than any disk', 24);
  if (view.getUint32(32) !== 0) throw invalid('The image is encrypted', 32);
  const clusterSize = 2 ** clusterBits;
  const tableEntries = view.getUint32(36);
  const needed = Math.ceil(capacity / (clusterSize * (clusterSize / 8)));
  if (tableEntries < needed || tableEntries > 2 ** 25)
    throw invalid('The first table of the image is not of its size', 36);
  return {
    version,
    capacity,
    clusterSize,
    tableOffset: Number(view.getBigUint64(40)),
    tableEntries: needed,
    compression: version === 3 ? checkFeatures(view) : 'deflate',
  };
}

/** Offset in an entry, of which the lowest 9 and the uppermost 8 bits say something else. */
function plainOffset(high: number, low: number): number {
  return (high % 2 ** 24) * 2 ** 32 + low - (low % 512);
}

/** Offset of the second table that an entry of the first names; 0 for none. */
export function decodeTableEntry(bytes: Uint8Array, at: number): number {
  const view = viewOf(bytes);
  return plainOffset(view.getUint32(at), view.getUint32(at + 4));
}

/** Where the cluster is that an entry of a second table stands for. */
export function decodeCluster(
  bytes: Uint8Array,
  { at, clusterSize }: { at: number; clusterSize: number },
): Qcow2Cluster {
  const view = viewOf(bytes);
  const high = view.getUint32(at);
  const low = view.getUint32(at + 4);
  if (hasBit(high, 30)) {
    // the offset has 62 - (cluster bits - 8) bits; the bits above it count further sectors
    const offsetBits = 62 - (Math.log2(clusterSize) - 8);
    const offset = (high % 2 ** (offsetBits - 32)) * 2 ** 32 + low;
    const sectors = Math.floor((high % 2 ** 30) / 2 ** (offsetBits - 32)) + 1;
    return { kind: 'compressed', offset, size: sectors * 512 - (offset % 512) };
  }
  const offset = plainOffset(high, low);
  return low % 2 === 1 || offset === 0 ? { kind: 'zero' } : { kind: 'plain', offset };
}

/** The header of an image of version 3 with clusters of 64 KiB, reference counts of 16 bits and no snapshot. */
export function encodeQcow2Header(header: {
  readonly capacity: number;
  readonly tableEntries: number;
  readonly tableOffset: number;
  readonly refcountOffset: number;
  readonly refcountClusters: number;
}): Uint8Array {
  const bytes = new Uint8Array(512);
  const view = viewOf(bytes);
  view.setUint32(0, magic);
  view.setUint32(4, 3);
  view.setUint32(20, 16);
  view.setBigUint64(24, BigInt(header.capacity));
  view.setUint32(36, header.tableEntries);
  view.setBigUint64(40, BigInt(header.tableOffset));
  view.setBigUint64(48, BigInt(header.refcountOffset));
  view.setUint32(56, header.refcountClusters);
  view.setUint32(96, 4);
  view.setUint32(100, 104);
  return bytes;
}

/** Entries of a table for clusters that are in use once: the uppermost bit says so. 0 stays 0. */
export function encodeOffsets(
  offsets: readonly number[],
  { size, mark }: { size: number; mark: 'copied' | 'none' },
): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  for (const [index, offset] of offsets.entries()) {
    if (offset === 0) continue;
    view.setUint32(index * 8, Math.floor(offset / 2 ** 32) + (mark === 'copied' ? 2 ** 31 : 0));
    view.setUint32(index * 8 + 4, offset % 2 ** 32);
  }
  return bytes;
}

/** A block of reference counts in which the first `count` are 1. */
export function encodeRefcounts(count: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < count; index += 1) bytes[index * 2 + 1] = 1;
  return bytes;
}
