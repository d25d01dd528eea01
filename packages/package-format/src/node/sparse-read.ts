import { type RandomAccess, readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { decodeMarker, decodeTable, decodeVmdkHeader, sectorSize, type VmdkHeader } from '../vmdk-header.ts';
import { ahead, type DiskImage, type DiskPart } from './disk-part.ts';
import { createInflater, type Inflater } from './inflater.ts';

const grainsAhead = 16;

/** A grain of the disk at `start`, whose data is at `offset` of the file. */
interface Grain {
  readonly start: number;
  readonly offset: number;
}

async function readExactly(source: RandomAccess, start: number, size: number): Promise<Uint8Array> {
  if (start + size > source.size)
    throw new PackageError('TRUNCATED', 'The VMDK ends before its data does', { offset: source.size });
  return readAll(source.read({ start, end: start + size }), size);
}

/** A footer, when the header leaves the directory to it. */
async function locateDirectory(source: RandomAccess, header: VmdkHeader): Promise<number> {
  if (header.directoryOffset !== undefined) return header.directoryOffset;
  const footer = decodeVmdkHeader(await readExactly(source, Math.max(0, source.size - 2 * sectorSize), sectorSize));
  if (footer.directoryOffset === undefined)
    throw new PackageError('VMDK_INVALID', 'The footer of the VMDK does not say where its directory is');
  return footer.directoryOffset;
}

/** One table is in memory at a time. 0 and 1 stand for grains of zeros. */
async function* grainsOf(source: RandomAccess, header: VmdkHeader): AsyncGenerator<Grain, void, undefined> {
  const { capacitySectors, grainSectors, entriesPerTable } = header;
  const span = grainSectors * entriesPerTable;
  const tableCount = Math.ceil(capacitySectors / span);
  const directoryOffset = (await locateDirectory(source, header)) * sectorSize;
  for (let index = 0; index < tableCount; index += 1) {
    // entry by entry: a directory is small, but a damaged header could make it large
    const [table = 0] = decodeTable(await readExactly(source, directoryOffset + index * 4, 4));
    if (table === 0) continue;
    const entries = decodeTable(await readExactly(source, table * sectorSize, entriesPerTable * 4));
    for (const [grain, entry] of entries.entries()) {
      const sector = index * span + grain * grainSectors;
      if (entry > 1 && sector < capacitySectors) yield { start: sector * sectorSize, offset: entry * sectorSize };
    }
  }
}

async function readPlain(
  source: RandomAccess,
  { offset, size }: { offset: number; size: number },
): Promise<Uint8Array> {
  // the last grain may be cut short at the end of the file
  const there = Math.max(0, Math.min(size, source.size - offset));
  if (there === 0) throw new PackageError('TRUNCATED', 'The VMDK ends before its data does', { offset: source.size });
  const bytes = await readExactly(source, offset, there);
  return there === size ? bytes : Buffer.concat([bytes, Buffer.alloc(size - there)]);
}

async function readPacked(
  source: RandomAccess,
  { offset, start, grainSize, inflater }: { offset: number; start: number; grainSize: number; inflater: Inflater },
): Promise<Uint8Array> {
  const head = await readExactly(source, offset, sectorSize);
  const { value, size } = decodeMarker(head);
  if (value * sectorSize !== start || size === 0 || size > 2 * grainSize)
    throw new PackageError('VMDK_INVALID', 'A grain table of the VMDK names a place that is not its grain', { offset });
  const packed = await readExactly(source, offset + 12, size);
  try {
    return await inflater.inflate(packed);
  } catch (cause) {
    throw new PackageError('VMDK_INVALID', 'A grain of the VMDK cannot be inflated', { offset, cause });
  }
}

/**
 * A sparse VMDK by its tables: monolithicSparse, or streamOptimized, whose grains need not be in order then.
 * @throws PackageError VMDK_INVALID, TRUNCATED
 */
export async function openSparse(source: RandomAccess): Promise<DiskImage> {
  const header = decodeVmdkHeader(await readExactly(source, 0, sectorSize));
  const capacity = header.capacitySectors * sectorSize;
  const grainSize = header.grainSectors * sectorSize;
  const isPacked = header.isCompressed && header.hasMarkers;
  if (header.isCompressed && !header.hasMarkers)
    throw new PackageError(
      'VMDK_INVALID',
      'The VMDK is compressed, but without the markers that say how much each grain has',
    );
  async function read({ start, offset }: Grain, inflater: Inflater): Promise<DiskPart> {
    const size = Math.min(grainSize, capacity - start);
    const bytes = isPacked
      ? await readPacked(source, { offset, start, grainSize, inflater })
      : await readPlain(source, { offset, size });
    return { start, bytes: bytes.subarray(0, size) };
  }
  async function* parts(): AsyncGenerator<DiskPart, void, undefined> {
    const inflater = createInflater(grainSize);
    try {
      yield* ahead(grainsOf(source, header), { count: grainsAhead, work: (grain) => read(grain, inflater) });
    } finally {
      inflater.close();
    }
  }
  return { format: isPacked ? 'streamOptimized' : 'monolithicSparse', capacity, parts };
}
