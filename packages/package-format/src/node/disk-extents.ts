// A VMDK that is only a text, and has its data in files beside it: monolithicFlat, vmfs, twoGbMaxExtentSparse and twoGbMaxExtentFlat.
import { type RandomAccess, readAll } from '../bytes.ts';
import { type DiskDescriptor, type DiskExtent, readDiskDescriptor } from '../disk-descriptor.ts';
import { PackageError } from '../errors.ts';
import { nameProblem } from '../name.ts';
import { sectorSize } from '../vmdk-header.ts';
import type { DiskImage, DiskPart } from './disk-part.ts';
import { openSparse } from './sparse-read.ts';

const maxDescriptorSize = 64 * 1024;
const latin1 = new TextDecoder('latin1');

/** What opening a VMDK of several files takes. */
export interface ExtentOptions {
  /** Undefined when nobody knows what lies beside the disk. */
  readonly openBeside: ((name: string) => Promise<RandomAccess>) | undefined;
  readonly rawImage: (source: RandomAccess) => DiskImage;
}

/** An extent, open. `start` and `size` in bytes of the disk. */
interface Extent {
  readonly start: number;
  readonly size: number;
  /** Undefined for zeros. */
  readonly image: DiskImage | undefined;
}

/** Whether the beginning of a file is that of a disk descriptor. */
export function hasDiskDescriptor(head: Uint8Array): boolean {
  return /# ?Disk DescriptorFile/i.test(latin1.decode(head));
}

async function readText(source: RandomAccess): Promise<DiskDescriptor> {
  if (source.size > maxDescriptorSize)
    throw new PackageError('VMDK_INVALID', `A disk descriptor of ${source.size} bytes is none`);
  const text = latin1.decode(await readAll(source.read({ start: 0, end: source.size }), maxDescriptorSize));
  const descriptor = readDiskDescriptor(text);
  const parent = descriptor.values.get('parentCID') ?? 'ffffffff';
  if (parent.toLowerCase() !== 'ffffffff')
    throw new PackageError('VMDK_INVALID', `The disk is a snapshot of another, ${parent}; consolidate it first`);
  return descriptor;
}

/** A part of a file as a file of its own. */
function within(source: RandomAccess, { offset, size }: { offset: number; size: number }): RandomAccess {
  return {
    size,
    read: ({ start, end, allocate }) => source.read({ start: offset + start, end: offset + end, allocate }),
  };
}

/** The data of an extent; its file has to be as large as the descriptor says, or a disk would become shorter in silence. */
async function imageOf(
  { type, file, sectors, offsetSectors }: DiskExtent,
  { openBeside, rawImage }: ExtentOptions,
): Promise<DiskImage | undefined> {
  if (type === 'ZERO') return undefined;
  const isFlat = type === 'FLAT' || type === 'VMFS';
  if (!isFlat && type !== 'SPARSE')
    throw new PackageError('VMDK_INVALID', `Extents of the type ${type} cannot be read; only ESXi itself can`, {
      file,
    });
  if (openBeside === undefined || nameProblem(file) !== undefined || file.includes('/'))
    throw new PackageError('VMDK_INVALID', `The data of the disk is in ${file}, which is not beside it`, { file });
  const source = await openBeside(file);
  const size = sectors * sectorSize;
  const offset = offsetSectors * sectorSize;
  const image = isFlat ? rawImage(source) : await openSparse(source);
  if (image.capacity < offset + size)
    throw new PackageError('TRUNCATED', `${file} holds ${image.capacity} bytes of the disk, not ${offset + size}`, {
      file,
    });
  return isFlat ? rawImage(within(source, { offset, size })) : image;
}

/**
 * Opens a disk whose data is in other files.
 * @throws PackageError VMDK_INVALID, TRUNCATED, and what opening the files does
 */
export async function openExtents(source: RandomAccess, options: ExtentOptions): Promise<DiskImage> {
  const { createType, extents } = await readText(source);
  const opened: Extent[] = [];
  let capacity = 0;
  for (const extent of extents) {
    const size = extent.sectors * sectorSize;
    opened.push({ start: capacity, size, image: await imageOf(extent, options) });
    capacity += size;
  }
  if (capacity === 0) throw new PackageError('VMDK_INVALID', `The descriptor of the ${createType} disk names no data`);
  if (!Number.isSafeInteger(capacity)) throw new PackageError('TOO_LARGE', `The extents add up to ${capacity} bytes`);
  async function* parts(allocate?: (size: number) => Uint8Array): AsyncGenerator<DiskPart, void, undefined> {
    for (const { start, size, image } of opened)
      for await (const part of image?.parts(allocate) ?? []) {
        // the last grain of a sparse extent may reach over its end
        const bytes = part.bytes.subarray(0, Math.max(0, size - part.start));
        if (bytes.length > 0) yield { start: start + part.start, bytes };
      }
  }
  return { format: 'split', capacity, parts };
}
