// Header, descriptor, then for every 32 MiB: grains (marker and deflated data), a grain table; at the end the grain
// directory, the footer and the end-of-stream marker. Grains of zeros are left out.
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { rechunk } from '../bytes.ts';
import { writeDiskDescriptor } from '../disk-descriptor.ts';
import { PackageError } from '../errors.ts';
import {
  encodeGrain,
  encodeMarker,
  encodeTable,
  encodeVmdkHeader,
  markerTypes,
  sectorSize,
  type WritableVmdkHeader,
} from '../vmdk-header.ts';

/** `capacity` in bytes, whole sectors; `level` is zlib's, 1 (fast) to 9 (small), 6 by default. */
export interface StreamOptimizedOptions {
  readonly capacity: number;
  readonly level?: number | undefined;
  /** 32 bits in hexadecimal that name the content; random when absent. */
  readonly contentId?: string | undefined;
}

const grainSectors = 128;
const grainSize = grainSectors * sectorSize;
const entriesPerTable = 512;
const overheadSectors = 128;
const descriptorSectors = 20;
/** Enough to keep the thread pool busy while chunks are awaited, and 1 MiB at most. */
const grainsAhead = 16;

const deflateAsync = promisify(deflate);
const zeroGrain = Buffer.alloc(grainSize);

/** undefined for a grain of zeros. */
type Compressed = Promise<Uint8Array | undefined>;

function compress(grain: Uint8Array, level: number): Compressed {
  // the last grain is filled up, so that every one inflates to the same size
  const full = grain.length === grainSize ? grain : Buffer.concat([grain, zeroGrain.subarray(grain.length)]);
  if (zeroGrain.equals(full)) return Promise.resolve(undefined);
  const result = deflateAsync(full, { level });
  // seen by the await that takes it; until then it must not count as unhandled
  result.catch(() => {});
  return result;
}

/** Compresses several grains at once and hands them out in order. */
async function* compressedGrains(
  raw: AsyncIterable<Uint8Array>,
  { capacity, level }: { capacity: number; level: number },
): AsyncGenerator<Uint8Array | undefined, void, undefined> {
  const ahead: Compressed[] = [];
  let size = 0;
  for await (const grain of rechunk(raw, grainSize)) {
    size += grain.length;
    if (size > capacity) break;
    ahead.push(compress(grain, level));
    if (ahead.length >= grainsAhead) yield await ahead.shift();
  }
  if (size !== capacity)
    throw new PackageError('SIZE_MISMATCH', `The disk is not of the ${capacity} bytes announced`, {
      offset: Math.min(size, capacity),
    });
  for (const grain of ahead) yield await grain;
}

function encodeStart(header: WritableVmdkHeader, contentId: string): Uint8Array {
  const start = new Uint8Array(overheadSectors * sectorSize);
  start.set(encodeVmdkHeader(header), 0);
  start.set(new TextEncoder().encode(writeDiskDescriptor({ sectors: header.capacitySectors, contentId })), sectorSize);
  return start;
}

/** Offsets of tables and grains as they are written; knows at which sector the file is. */
function createTables(startSector: number) {
  const directory: number[] = [];
  let table: number[] = [];
  let sector = startSector;
  const put = (bytes: Uint8Array): Uint8Array => {
    sector += bytes.length / sectorSize;
    if (sector > 0xffff_ffff) throw new PackageError('TOO_LARGE', 'A VMDK cannot be larger than 2 TiB');
    return bytes;
  };
  return {
    put,
    directory,
    sector: () => sector,
    addGrain(data: Uint8Array | undefined): Uint8Array | undefined {
      table.push(data === undefined ? 0 : sector);
      return data === undefined
        ? undefined
        : put(encodeGrain((directory.length * entriesPerTable + table.length - 1) * grainSectors, data));
    },
    isFull: () => table.length === entriesPerTable,
    /** A table of nothing but zero grains is left out, too. */
    endTable(): readonly Uint8Array[] {
      if (table.length === 0) return [];
      const entries = [...table, ...Array<number>(entriesPerTable - table.length).fill(0)];
      table = [];
      if (entries.every((entry) => entry === 0)) {
        directory.push(0);
        return [];
      }
      const bytes = encodeTable(entries);
      const marker = put(encodeMarker(markerTypes.grainTable, bytes.length / sectorSize));
      directory.push(sector);
      return [marker, put(bytes)];
    },
  };
}

/**
 * Writes a raw disk as a streamOptimized VMDK, the form OVF packages carry. Deflates in the thread pool, a few grains
 * ahead; holds about 2 MiB, and 16 bytes per 32 MiB of disk.
 * @throws PackageError SIZE_MISMATCH when `raw` is not `capacity` bytes, VALUE_INVALID, TOO_LARGE
 */
export async function* writeStreamOptimized(
  raw: AsyncIterable<Uint8Array>,
  { capacity, level = 6, contentId }: StreamOptimizedOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!Number.isSafeInteger(capacity) || capacity <= 0 || capacity % sectorSize !== 0) {
    throw new PackageError('VALUE_INVALID', `A disk of ${capacity} bytes is not one of whole sectors`);
  }
  const header = {
    capacitySectors: capacity / sectorSize,
    grainSectors,
    descriptorOffset: 1,
    descriptorSectors,
    entriesPerTable,
    overheadSectors,
  };
  yield encodeStart(header, contentId ?? randomBytes(4).toString('hex'));
  const tables = createTables(overheadSectors);
  for await (const data of compressedGrains(raw, { capacity, level })) {
    const grain = tables.addGrain(data);
    if (grain !== undefined) yield grain;
    if (tables.isFull()) yield* tables.endTable();
  }
  yield* tables.endTable();
  const directory = encodeTable(tables.directory);
  yield tables.put(encodeMarker(markerTypes.grainDirectory, directory.length / sectorSize));
  const directoryOffset = tables.sector();
  yield tables.put(directory);
  yield tables.put(encodeMarker(markerTypes.footer, 1));
  yield encodeVmdkHeader({ ...header, directoryOffset });
  yield encodeMarker(markerTypes.endOfStream, 0);
}
