import { promisify } from 'node:util';
import { inflate } from 'node:zlib';
import { type ByteCursor, createByteCursor } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { decodeMarker, decodeVmdkHeader, markerTypes, sectorSize, type VmdkHeader } from '../vmdk-header.ts';

const inflateAsync = promisify(inflate);
const zeroChunk = new Uint8Array(1024 * 1024);

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

async function* zeros(size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; left -= zeroChunk.length) yield zeroChunk.slice(0, Math.min(left, zeroChunk.length));
}

/** Inflating stops at the size of a grain, whatever the data would grow to. */
async function inflateGrain(
  data: Uint8Array,
  { maxSize, offset }: { maxSize: number; offset: number },
): Promise<Uint8Array> {
  try {
    return await inflateAsync(data, { maxOutputLength: maxSize });
  } catch (cause) {
    throw new PackageError('VMDK_INVALID', 'A grain of the VMDK cannot be inflated', { offset, cause });
  }
}

/** The next grain and the sector it belongs to; undefined at the end of the stream. */
async function readGrain(
  cursor: ByteCursor,
  { grainSectors }: VmdkHeader,
): Promise<{ sector: number; data: Uint8Array } | undefined> {
  for (;;) {
    const offset = cursor.position();
    const first = await readExactly(cursor, sectorSize);
    const { value, size, type } = decodeMarker(first);
    if (size > 0) {
      if (size > 2 * grainSectors * sectorSize)
        throw new PackageError('VMDK_INVALID', `A grain of the VMDK has ${size} bytes`, { offset });
      const rest = await readExactly(cursor, Math.max(0, Math.ceil((12 + size) / sectorSize) - 1) * sectorSize);
      const packed = Buffer.concat([first.subarray(12), rest]).subarray(0, size);
      return { sector: value, data: await inflateGrain(packed, { maxSize: grainSectors * sectorSize, offset }) };
    }
    if (type === markerTypes.endOfStream) return undefined;
    if (type > markerTypes.footer)
      throw new PackageError('VMDK_INVALID', `The VMDK has a marker of the unknown type ${type}`, { offset });
    await skipExactly(cursor, value * sectorSize);
  }
}

async function* expand(cursor: ByteCursor, header: VmdkHeader): AsyncGenerator<Uint8Array, void, undefined> {
  const capacity = header.capacitySectors * sectorSize;
  let at = 0;
  for (let grain = await readGrain(cursor, header); grain !== undefined; grain = await readGrain(cursor, header)) {
    const start = grain.sector * sectorSize;
    if (start < at || start >= capacity || grain.sector % header.grainSectors !== 0) {
      throw new PackageError('VMDK_INVALID', 'The grains of the VMDK are not in order, or lie outside the disk', {
        offset: cursor.position(),
      });
    }
    yield* zeros(start - at);
    const data = grain.data.subarray(0, capacity - start);
    at = start + data.length;
    yield data;
  }
  yield* zeros(capacity - at);
}

/**
 * The raw disk in a streamOptimized VMDK, read as a stream. Takes `bytes` over.
 * @throws PackageError VMDK_INVALID, TRUNCATED
 */
export async function* readStreamOptimized(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = createByteCursor(bytes);
  try {
    const header = decodeVmdkHeader(await readExactly(cursor, sectorSize));
    if (!header.isCompressed || !header.hasMarkers)
      throw new PackageError('VMDK_INVALID', 'The VMDK is not streamOptimized', { offset: 0 });
    await skipExactly(cursor, Math.max(0, header.overheadSectors - 1) * sectorSize);
    yield* expand(cursor, header);
  } finally {
    await cursor.close();
  }
}
