import { type ByteCursor, createByteCursor } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { decodeMarker, decodeVmdkHeader, markerTypes, sectorSize, type VmdkHeader } from '../vmdk-header.ts';
import { ahead, type DiskPart, flatten } from './disk-part.ts';
import { createInflater, type Inflater } from './inflater.ts';

/** Grains inflated at once. */
const grainsAhead = 16;

async function readExactly(cursor: ByteCursor, size: number): Promise<Uint8Array> {
  const bytes = await cursor.read(size);
  if (bytes.length < size)
    throw new PackageError('TRUNCATED', 'The VMDK ends in the middle', { offset: cursor.position() });
  return bytes;
}

async function skipExactly(cursor: ByteCursor, size: number): Promise<void> {
  if ((await cursor.skip(size)) < size)
    throw new PackageError('TRUNCATED', 'The VMDK ends in the middle', { offset: cursor.position() });
}

/** Inflating stops at the size of a grain, whatever the data would grow to. */
async function inflateGrain({ packed, offset }: PackedGrain, { inflate }: Inflater): Promise<Uint8Array> {
  try {
    return await inflate(packed);
  } catch (cause) {
    throw new PackageError('VMDK_INVALID', 'A grain of the VMDK cannot be inflated', { offset, cause });
  }
}

/** A grain as it stands in the file. */
interface PackedGrain {
  readonly sector: number;
  readonly packed: Uint8Array;
  readonly offset: number;
}

/** The grains up to the end of the stream; metadata is skipped. */
async function* packedGrains(
  cursor: ByteCursor,
  { grainSectors }: VmdkHeader,
): AsyncGenerator<PackedGrain, void, undefined> {
  for (;;) {
    const offset = cursor.position();
    const first = await readExactly(cursor, sectorSize);
    const { value, size, type } = decodeMarker(first);
    if (size > 0) {
      if (size > 2 * grainSectors * sectorSize)
        throw new PackageError('VMDK_INVALID', `A grain of the VMDK has ${size} bytes`, { offset });
      // the next read may overwrite what this one gave
      const start = first.slice(12);
      const rest = await readExactly(cursor, Math.max(0, Math.ceil((12 + size) / sectorSize) - 1) * sectorSize);
      yield { sector: value, packed: Buffer.concat([start, rest]).subarray(0, size), offset };
    } else if (type === markerTypes.endOfStream) return;
    else if (type > markerTypes.footer)
      throw new PackageError('VMDK_INVALID', `The VMDK has a marker of the unknown type ${type}`, { offset });
    else await skipExactly(cursor, value * sectorSize);
  }
}

async function* orderedParts(cursor: ByteCursor, header: VmdkHeader): AsyncGenerator<DiskPart, void, undefined> {
  const capacity = header.capacitySectors * sectorSize;
  const inflater = createInflater(header.grainSectors * sectorSize);
  const grains = ahead(packedGrains(cursor, header), {
    count: grainsAhead,
    work: async (grain) => ({ ...grain, data: await inflateGrain(grain, inflater) }),
  });
  let at = 0;
  try {
    for await (const { sector, data, offset } of grains) {
      const start = sector * sectorSize;
      if (start < at || start >= capacity || sector % header.grainSectors !== 0) {
        throw new PackageError('VMDK_INVALID', 'The grains of the VMDK are not in order, or lie outside the disk', {
          offset,
        });
      }
      const bytes = data.subarray(0, capacity - start);
      at = start + bytes.length;
      yield { start, bytes };
    }
  } finally {
    inflater.close();
  }
}

/** Calls `use` with the header, at the first marker. Takes `bytes` over. */
async function* behindHeader<T>(
  bytes: AsyncIterable<Uint8Array>,
  use: (cursor: ByteCursor, header: VmdkHeader) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const cursor = createByteCursor(bytes);
  try {
    const header = decodeVmdkHeader(await readExactly(cursor, sectorSize));
    if (!header.isCompressed || !header.hasMarkers)
      throw new PackageError('VMDK_INVALID', 'The VMDK is not streamOptimized', { offset: 0 });
    await skipExactly(cursor, Math.max(0, header.overheadSectors - 1) * sectorSize);
    yield* use(cursor, header);
  } finally {
    await cursor.close();
  }
}

/**
 * The data in a streamOptimized VMDK, read as a stream; gaps are zeros. Takes `bytes` over.
 * @throws PackageError VMDK_INVALID, TRUNCATED
 */
export function readPackedParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<DiskPart, void, undefined> {
  return behindHeader(bytes, orderedParts);
}

/**
 * The raw disk in a streamOptimized VMDK, read as a stream. Takes `bytes` over. Chunks of zeros are one and the same
 * memory: do not write to them.
 * @throws PackageError VMDK_INVALID, TRUNCATED
 */
export function readStreamOptimized(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  return behindHeader(bytes, (cursor, header) =>
    flatten(orderedParts(cursor, header), header.capacitySectors * sectorSize),
  );
}
