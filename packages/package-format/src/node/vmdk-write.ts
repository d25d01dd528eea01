// Header, descriptor, then for every 32 MiB: grains (marker and deflated data), a grain table; at the end the grain
// directory, the footer and the end-of-stream marker. Grains of zeros are left out.
import { randomBytes } from 'node:crypto';
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
import { createDeflater } from './deflater.ts';
import { ahead, blocksOf, type DiskPart } from './disk-part.ts';

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

/** Deflates several grains at once and hands them out in order; those of zeros are left out. */
async function* packedGrains(
  parts: AsyncIterable<DiskPart>,
  { capacity, level }: { capacity: number; level: number },
): AsyncGenerator<{ readonly index: number; readonly data: Uint8Array }, void, undefined> {
  const deflaters = Array.from({ length: grainsAhead }, () => createDeflater({ level, size: grainSize }));
  let turn = 0;
  try {
    yield* ahead(blocksOf(parts, { capacity, size: grainSize }), {
      count: grainsAhead,
      work: async ({ index, bytes }) => {
        // free again when its turn comes: no more grains are on their way than there are deflaters
        const deflater = deflaters[turn % grainsAhead];
        turn += 1;
        if (deflater === undefined) throw new RangeError('there are as many deflaters as turns');
        return { index, data: await deflater.deflate(bytes) };
      },
    });
  } finally {
    for (const { close } of deflaters) close();
  }
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
  const noGrains: readonly number[] = Array<number>(entriesPerTable).fill(0);
  let table: number[] | undefined;
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
    addGrain({ index, data }: { index: number; data: Uint8Array }): Uint8Array {
      table ??= [...noGrains];
      table[index % entriesPerTable] = sector;
      return put(encodeGrain(index * grainSectors, data));
    },
    /** Ends tables until there are `count`. One without grains is left out. */
    endTables(count: number): readonly Uint8Array[] {
      const written: Uint8Array[] = [];
      while (directory.length < count) {
        if (table !== undefined) {
          const bytes = encodeTable(table);
          written.push(put(encodeMarker(markerTypes.grainTable, bytes.length / sectorSize)));
          directory.push(sector);
          written.push(put(bytes));
          table = undefined;
        } else directory.push(0);
      }
      return written;
    },
  };
}

/**
 * Writes a disk as a streamOptimized VMDK. What no part covers is left out without being looked at.
 * @throws PackageError as {@link writeStreamOptimized}
 */
export async function* packParts(
  parts: AsyncIterable<DiskPart>,
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
  for await (const grain of packedGrains(parts, { capacity, level })) {
    yield* tables.endTables(Math.floor(grain.index / entriesPerTable));
    yield tables.addGrain(grain);
  }
  yield* tables.endTables(Math.ceil(capacity / grainSize / entriesPerTable));
  const directory = encodeTable(tables.directory);
  yield tables.put(encodeMarker(markerTypes.grainDirectory, directory.length / sectorSize));
  const directoryOffset = tables.sector();
  yield tables.put(directory);
  yield tables.put(encodeMarker(markerTypes.footer, 1));
  yield encodeVmdkHeader({ ...header, directoryOffset });
  yield encodeMarker(markerTypes.endOfStream, 0);
}

async function* partsOf(raw: AsyncIterable<Uint8Array>, capacity: number): AsyncGenerator<DiskPart, void, undefined> {
  let start = 0;
  for await (const bytes of raw) {
    if (start + bytes.length > capacity) {
      start = capacity + 1;
      break;
    }
    yield { start, bytes };
    start += bytes.length;
  }
  if (start !== capacity)
    throw new PackageError('SIZE_MISMATCH', `The disk is not of the ${capacity} bytes announced`, {
      offset: Math.min(start, capacity),
    });
}

/**
 * Writes a raw disk as a streamOptimized VMDK, the form OVF packages carry. Deflates in the thread pool, a few grains
 * ahead, of copies; holds about 8 MiB, and 8 bytes per 32 MiB of disk.
 * @throws PackageError SIZE_MISMATCH when `raw` is not `capacity` bytes, VALUE_INVALID, TOO_LARGE
 */
export function writeStreamOptimized(
  raw: AsyncIterable<Uint8Array>,
  options: StreamOptimizedOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  return packParts(partsOf(raw, options.capacity), options);
}
