// Sparse extent header, one sector, little-endian (VMware Virtual Disk Format 5.0):
//   magic "KDMV" 4, version 4, flags 4, capacity 8, grainSize 8, descriptorOffset 8, descriptorSize 8, numGTEsPerGT 4,
//   rgdOffset 8, gdOffset 8, overHead 8, uncleanShutdown 1, end-of-line test 4, compressAlgorithm 2
import { PackageError } from './errors.ts';

/** Bytes in a sector; every offset in a VMDK counts sectors. */
export const sectorSize = 512;

/** The header of a sparse VMDK. Sizes and offsets in sectors. */
export interface VmdkHeader {
  readonly version: number;
  readonly capacitySectors: number;
  readonly grainSectors: number;
  readonly descriptorOffset: number;
  readonly descriptorSectors: number;
  readonly entriesPerTable: number;
  /** undefined: at the end, in the footer. */
  readonly directoryOffset?: number | undefined;
  /** Of a second grain directory, with tables of its own that say the same. */
  readonly redundantOffset?: number | undefined;
  readonly overheadSectors: number;
  readonly isCompressed: boolean;
  readonly hasMarkers: boolean;
  /** Was not closed properly by who wrote it. */
  readonly isUnclean: boolean;
  /** A transfer as text has changed its line ends, and so the data. */
  readonly isDamagedAsText: boolean;
}

/** What {@link encodeVmdkHeader} needs; the rest follows. */
export type WritableVmdkHeader = Omit<
  VmdkHeader,
  'version' | 'redundantOffset' | 'isCompressed' | 'hasMarkers' | 'isUnclean' | 'isDamagedAsText'
>;

/** What follows a marker without data. */
export const markerTypes = { endOfStream: 0, grainTable: 1, grainDirectory: 2, footer: 3 } as const;

/** A marker: data of `size` bytes for the grain at sector `value`, or else metadata of `type` in `value` sectors. */
export interface VmdkMarker {
  readonly value: number;
  readonly size: number;
  readonly type: number;
}

const magic = 0x564d444b;
const newlineTest = 1 << 0;
const redundant = 1 << 1;
const compressed = 1 << 16;
const markers = 1 << 17;
const atEnd = 0xffff_ffff_ffff_ffffn;
const lineEnds = [0x0a, 0x20, 0x0d, 0x0a];
const maxSectors = Math.floor(Number.MAX_SAFE_INTEGER / sectorSize);

function invalid(message: string): PackageError {
  return new PackageError('VMDK_INVALID', message, { offset: 0 });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether the bytes begin with the magic number of a sparse VMDK. That alone proves nothing. */
export function hasVmdkMagic(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0, true) === magic;
}

function checkHeader(header: VmdkHeader): VmdkHeader {
  const { version, grainSectors, entriesPerTable, capacitySectors, descriptorOffset, descriptorSectors } = header;
  if (version < 1 || version > 3) throw invalid(`The VMDK says it is of version ${version}`);
  // a power of two, above 8, at most 64 MiB
  if (grainSectors < 8 || grainSectors > 131_072 || (grainSectors & (grainSectors - 1)) !== 0)
    throw invalid(`The VMDK says its grains have ${grainSectors} sectors`);
  if (entriesPerTable < 1 || entriesPerTable > 65_536)
    throw invalid(`The VMDK says its tables have ${entriesPerTable} entries`);
  if (capacitySectors > maxSectors || descriptorOffset > maxSectors)
    throw invalid('The VMDK says it is larger than any disk');
  if (descriptorSectors > 2048) throw invalid('The VMDK says its descriptor is larger than 1 MiB');
  return header;
}

/**
 * Decodes a header of 512 bytes.
 * @throws PackageError VMDK_INVALID when the magic number or any figure is wrong
 */
export function decodeVmdkHeader(bytes: Uint8Array): VmdkHeader {
  if (bytes.length < sectorSize || !hasVmdkMagic(bytes)) throw invalid('This is not a sparse VMDK');
  const view = viewOf(bytes);
  const long = (at: number) => Number(view.getBigUint64(at, true));
  const flags = view.getUint32(8, true);
  const directory = view.getBigUint64(56, true);
  return checkHeader({
    version: view.getUint32(4, true),
    capacitySectors: long(12),
    grainSectors: long(20),
    descriptorOffset: long(28),
    descriptorSectors: long(36),
    entriesPerTable: view.getUint32(44, true),
    directoryOffset: directory === atEnd ? undefined : Number(directory),
    redundantOffset: (flags & redundant) !== 0 && long(48) > 0 ? long(48) : undefined,
    overheadSectors: long(64),
    isCompressed: (flags & compressed) !== 0 && view.getUint16(77, true) === 1,
    hasMarkers: (flags & markers) !== 0,
    isUnclean: bytes[72] !== 0,
    isDamagedAsText: (flags & newlineTest) !== 0 && lineEnds.some((byte, index) => bytes[73 + index] !== byte),
  });
}

/** The header of a streamOptimized disk, one sector; the footer is the same with the directory's offset. */
export function encodeVmdkHeader(header: WritableVmdkHeader): Uint8Array {
  const bytes = new Uint8Array(sectorSize);
  const view = viewOf(bytes);
  view.setUint32(0, magic, true);
  view.setUint32(4, 3, true);
  view.setUint32(8, newlineTest | compressed | markers, true);
  view.setBigUint64(12, BigInt(header.capacitySectors), true);
  view.setBigUint64(20, BigInt(header.grainSectors), true);
  view.setBigUint64(28, BigInt(header.descriptorOffset), true);
  view.setBigUint64(36, BigInt(header.descriptorSectors), true);
  view.setUint32(44, header.entriesPerTable, true);
  view.setBigUint64(56, header.directoryOffset === undefined ? atEnd : BigInt(header.directoryOffset), true);
  view.setBigUint64(64, BigInt(header.overheadSectors), true);
  bytes.set(lineEnds, 73);
  view.setUint16(77, 1, true);
  return bytes;
}

/** Decodes the marker at the start of a sector. */
export function decodeMarker(bytes: Uint8Array): VmdkMarker {
  const view = viewOf(bytes);
  const value = Number(view.getBigUint64(0, true));
  if (value > maxSectors) throw new PackageError('VMDK_INVALID', 'A marker of the VMDK points beyond any disk');
  return { value, size: view.getUint32(8, true), type: view.getUint32(12, true) };
}

/** A marker sector for metadata of `value` sectors. */
export function encodeMarker(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(sectorSize);
  viewOf(bytes).setBigUint64(0, BigInt(value), true);
  viewOf(bytes).setUint32(12, type, true);
  return bytes;
}

/** A grain with its marker, filled up to a whole sector. */
export function encodeGrain(sector: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((12 + data.length) / sectorSize) * sectorSize);
  viewOf(bytes).setBigUint64(0, BigInt(sector), true);
  viewOf(bytes).setUint32(8, data.length, true);
  bytes.set(data, 12);
  return bytes;
}

/** A grain table or directory: offsets in sectors, filled up to a whole sector. */
export function encodeTable(entries: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((entries.length * 4) / sectorSize) * sectorSize);
  const view = viewOf(bytes);
  for (const [index, entry] of entries.entries()) view.setUint32(index * 4, entry, true);
  return bytes;
}

/** The offsets of a grain table or directory, in sectors. */
export function decodeTable(bytes: Uint8Array): readonly number[] {
  const view = viewOf(bytes);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => view.getUint32(index * 4, true));
}
