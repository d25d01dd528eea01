import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { type RandomAccess, type ReadPart, readAll } from '../bytes.ts';
import { readDiskDescriptor } from '../disk-descriptor.ts';
import { PackageError } from '../errors.ts';
import { hasQcow2Magic } from '../qcow2-header.ts';
import { decodeVmdkHeader, hasVmdkMagic, sectorSize, type VmdkHeader } from '../vmdk-header.ts';
import { type DiskImage, type DiskPart, isZero } from './disk-part.ts';
import { openFile } from './file.ts';
import { openQcow2 } from './qcow2-read.ts';
import { type WriteAt, writeQcow2 } from './qcow2-write.ts';
import { createRing } from './ring.ts';
import { openSparse } from './sparse-read.ts';
import { readPackedParts } from './vmdk-raw.ts';
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

function rawImage(source: RandomAccess): DiskImage {
  async function* parts(allocate?: ReadPart['allocate']): AsyncGenerator<DiskPart, void, undefined> {
    let start = 0;
    for await (const bytes of source.read({ start: 0, end: source.size, allocate })) {
      yield { start, bytes };
      start += bytes.length;
    }
  }
  return { format: 'raw', capacity: source.size, parts };
}

/** The content id of the disk that this one only changes; undefined when it stands alone. */
async function readParent(source: RandomAccess, header: VmdkHeader): Promise<string | undefined> {
  const start = header.descriptorOffset * sectorSize;
  const end = Math.min(source.size, start + header.descriptorSectors * sectorSize);
  if (start >= end) return undefined;
  const text = latin1.decode(await readAll(source.read({ start, end }), end - start));
  const [, parent] = /^parentCID\s*=\s*"?([0-9a-f]{8})"?\s*$/im.exec(text) ?? [];
  return parent?.toLowerCase() === 'ffffffff' ? undefined : parent;
}

/** In order as they come where that is possible, because it needs no tables; qemu-img and others put tables in front. */
async function openVmdk(source: RandomAccess, head: Uint8Array): Promise<DiskImage> {
  const header = decodeVmdkHeader(head);
  const parent = await readParent(source, header);
  if (parent !== undefined)
    throw new PackageError('VMDK_INVALID', `The disk is a snapshot of another, ${parent}; consolidate it first`);
  if (!header.isCompressed || !header.hasMarkers || header.directoryOffset !== undefined) return openSparse(source);
  return {
    format: 'streamOptimized',
    capacity: header.capacitySectors * sectorSize,
    parts: () => readPackedParts(source.read({ start: 0, end: source.size })),
  };
}

/**
 * Opens a disk image: qcow2, a sparse VMDK, or else raw.
 * @throws PackageError QCOW2_INVALID, VMDK_INVALID, TRUNCATED; VALUE_INVALID when it is not of the format `from`
 */
export async function openDisk(
  source: RandomAccess,
  { from }: { readonly from?: DiskImage['format'] | undefined } = {},
): Promise<DiskImage> {
  const head = await readAll(source.read({ start: 0, end: Math.min(source.size, sectorSize) }), sectorSize);
  if (from === 'raw') return rawImage(source);
  const disk = await openByMagic(source, head);
  if (from !== undefined && disk.format !== from)
    throw new PackageError('VALUE_INVALID', `The disk is ${disk.format}, not ${from}`);
  return disk;
}

async function openByMagic(source: RandomAccess, head: Uint8Array): Promise<DiskImage> {
  if (hasQcow2Magic(head)) return openQcow2(source);
  if (hasVmdkMagic(head)) return openVmdk(source, head);
  if (latin1.decode(head).includes('# Disk DescriptorFile')) return refuseDescriptor(source);
  return rawImage(source);
}

/** The data lies in other files, which a single source cannot give. */
async function refuseDescriptor(source: RandomAccess): Promise<never> {
  const end = Math.min(source.size, maxDescriptorSize);
  const { createType, extents } = readDiskDescriptor(latin1.decode(await readAll(source.read({ start: 0, end }), end)));
  const files = extents.map(({ file }) => file).join(', ');
  const [extent] = extents;
  const isFlat = extents.length === 1 && (extent?.type === 'FLAT' || extent?.type === 'VMFS');
  const remedy = isFlat
    ? 'that is a raw disk: convert it instead'
    : 'make one file of it first, with qemu-img convert or vmware-vdiskmanager';
  throw new PackageError(
    'VMDK_INVALID',
    `This is only the descriptor of a ${createType} disk, whose data is in ${files}; ${remedy}`,
  );
}

const latin1 = new TextDecoder('latin1');
const maxDescriptorSize = 64 * 1024;

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
async function writeRaw(
  parts: AsyncIterable<DiskPart>,
  { capacity, handle }: { capacity: number; handle: FileHandle },
) {
  await handle.truncate(capacity);
  for await (const { start, bytes } of parts) {
    for (let at = 0; at < bytes.length; ) {
      // up to the next block of zeros in one call
      let end = at;
      while (end < bytes.length && !isZero(bytes.subarray(end, end + blockSize))) end += blockSize;
      end = Math.min(end, bytes.length);
      if (end > at) await writeFully(handle, { bytes: bytes.subarray(at, end), offset: start + at });
      at = end === at ? at + blockSize : end;
    }
  }
  return capacity;
}

async function writeFully(handle: FileHandle, { bytes, offset }: { bytes: Uint8Array; offset: number }): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, offset + at);
    at += bytesWritten;
  }
}

/** Small writes are gathered: a grain is a few KiB, a call to the system costs more than that. */
async function writeSequence(bytes: AsyncIterable<Uint8Array>, handle: FileHandle): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
  let offset = 0;
  let held = 0;
  const flush = async (): Promise<void> => {
    await writeFully(handle, { bytes: buffer.subarray(0, held), offset });
    offset += held;
    held = 0;
  };
  for await (const part of bytes) {
    for (let at = 0; at < part.length; ) {
      const taken = Math.min(part.length - at, buffer.length - held);
      buffer.set(part.subarray(at, at + taken), held);
      held += taken;
      at += taken;
      if (held === buffer.length) await flush();
    }
  }
  await flush();
  return offset;
}

/** VMDK and qcow2 count in sectors; a raw file that ends within one is filled up with zeros. */
function capacityIn({ capacity }: DiskImage, to: DiskTarget): number {
  return to === 'raw' ? capacity : Math.ceil(capacity / sectorSize) * sectorSize;
}

async function writeTo(handle: FileHandle, disk: DiskImage, options: ConvertOptions): Promise<number> {
  const capacity = capacityIn(disk, options.to);
  const parts = watched(disk, options);
  const writeAt: WriteAt = (bytes, offset) => writeFully(handle, { bytes, offset });
  switch (options.to) {
    case 'raw':
      return writeRaw(parts, { capacity, handle });
    case 'qcow2':
      return writeQcow2(parts, { capacity, writeAt });
    case 'streamOptimized':
      return writeSequence(packParts(parts, { capacity, level: options.level }), handle);
  }
}

async function openTarget(path: string): Promise<FileHandle> {
  return open(path, 'w').catch((cause: unknown) => {
    throw new PackageError('CANNOT_WRITE', `${path} cannot be created`, { file: path, cause });
  });
}

async function exists(path: string): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.close();
  return handle !== undefined;
}

/**
 * Converts a disk image into a new file. Memory does not depend on its size; stretches of zeros take no room; deflate
 * runs on all cores. When it fails, nothing is left behind.
 * @throws PackageError FILE_EXISTS, CANNOT_WRITE, and what {@link openDisk} does; the reason of `signal`
 */
export async function convertDisk(source: string | RandomAccess, options: ConvertOptions): Promise<Conversion> {
  const { path, ifExists = 'refuse' } = options;
  if (ifExists === 'refuse' && (await exists(path)))
    throw new PackageError('FILE_EXISTS', `${path} is there already`, { file: path });
  if (typeof source === 'string') {
    const file = await openFile(source);
    try {
      return await convertDisk(file, options);
    } finally {
      await file.close();
    }
  }
  const partial = `${path}.part`;
  try {
    const disk = await openDisk(source, options);
    const handle = await openTarget(partial);
    let size: number;
    try {
      size = await writeTo(handle, disk, options);
    } finally {
      await handle.close();
    }
    await rename(partial, path);
    return { from: disk.format, capacity: capacityIn(disk, options.to), size };
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
}
