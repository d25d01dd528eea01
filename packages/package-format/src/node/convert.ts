import type { RandomAccess } from '../bytes.ts';
import { sectorSize } from '../vmdk-header.ts';
import { type OpenDisk, openDisk, openDiskFile } from './disk-open.ts';
import { type DiskImage, type DiskPart, isZero } from './disk-part.ts';
import { type OutputFile, type OutputFiles, withOutputFiles, writeFile } from './output-files.ts';
import { writeQcow2 } from './qcow2-write.ts';
import { createRing } from './ring.ts';
import { packParts } from './vmdk-write.ts';

/** What disks can be converted to. */
export type DiskTarget = 'raw' | 'streamOptimized' | 'qcow2';

/** What to convert, and where to. */
export interface ConvertOptions {
  readonly to: DiskTarget;
  /** Of the file to write. It is complete when it appears: until then it is called `PATH.part`. */
  readonly path: string;
  /** What the source is; told by its first bytes when absent. */
  readonly from?: DiskImage['format'] | undefined;
  /** What to do when `path` is there already; `refuse` when absent. */
  readonly ifExists?: 'refuse' | 'replace' | undefined;
  /** For streamOptimized: 1 (fast) to 9 (small), 6 when absent. */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each part; both in bytes of the disk. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

/** What was converted. `capacity` of the new disk, whole sectors but in a raw one, and `size` of its file in bytes. */
export interface Conversion {
  readonly from: DiskImage['format'];
  readonly capacity: number;
  readonly size: number;
}

async function* watched(
  disk: DiskImage,
  { signal, onProgress }: Pick<ConvertOptions, 'signal' | 'onProgress'>,
): AsyncGenerator<DiskPart, void, undefined> {
  const total = disk.capacity;
  // a part is written or copied before the next is asked for
  for await (const part of disk.parts(createRing())) {
    signal?.throwIfAborted();
    yield part;
    onProgress?.({ done: part.start + part.bytes.length, total });
  }
  onProgress?.({ done: total, total });
}

const blockSize = 65_536;

/** Blocks of zeros are left out, so that the file is as sparse as the file system can make it. */
async function writeRaw(parts: AsyncIterable<DiskPart>, { capacity, file }: { capacity: number; file: OutputFile }) {
  await file.resize(capacity);
  for await (const { start, bytes } of parts) {
    for (let at = 0; at < bytes.length; ) {
      // up to the next block of zeros in one call
      let end = at;
      while (end < bytes.length && !isZero(bytes.subarray(end, end + blockSize))) end += blockSize;
      end = Math.min(end, bytes.length);
      if (end > at) await file.writeAt(bytes.subarray(at, end), start + at);
      at = end === at ? at + blockSize : end;
    }
  }
  return capacity;
}

/** VMDK and qcow2 count in sectors; a raw file that ends within one is filled up with zeros. */
function capacityIn({ capacity }: DiskImage, to: DiskTarget): number {
  return to === 'raw' ? capacity : Math.ceil(capacity / sectorSize) * sectorSize;
}

interface Target {
  readonly files: OutputFiles;
  readonly options: ConvertOptions;
}

async function writeTo({ files, options }: Target, disk: DiskImage): Promise<number> {
  const { path, to, level } = options;
  const capacity = capacityIn(disk, to);
  const parts = watched(disk, options);
  if (to === 'streamOptimized') return writeFile(files, { path, bytes: packParts(parts, { capacity, level }) });
  const file = await files.open(path);
  const size = await (to === 'raw' ? writeRaw(parts, { capacity, file }) : writeQcow2(parts, { capacity, ...file }));
  await file.finish();
  return size;
}

/**
 * Converts a disk image into a new file. Memory does not depend on its size; stretches of zeros take no room; deflate
 * runs on all cores. When it fails, nothing is left behind.
 * @throws PackageError FILE_EXISTS, CANNOT_WRITE, and what {@link openDisk} does; the reason of `signal`
 */
export async function convertDisk(source: string | RandomAccess, options: ConvertOptions): Promise<Conversion> {
  const { ifExists, to } = options;
  const disk: DiskImage & Partial<Pick<OpenDisk, 'close'>> =
    typeof source === 'string' ? await openDiskFile(source, options) : await openDisk(source, options);
  try {
    return await withOutputFiles({ ifExists, flush: 'nothing' }, async (files) => ({
      from: disk.format,
      capacity: capacityIn(disk, to),
      size: await writeTo({ files, options }, disk),
    }));
  } finally {
    await disk.close?.();
  }
}
