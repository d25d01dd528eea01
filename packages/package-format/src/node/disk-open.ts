import { basename, dirname, join } from 'node:path';
import { type RandomAccess, type ReadPart, readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { hasQcow2Magic } from '../qcow2-header.ts';
import { decodeVmdkHeader, hasVmdkMagic, sectorSize, type VmdkHeader } from '../vmdk-header.ts';
import { hasDiskDescriptor, openExtents } from './disk-extents.ts';
import type { DiskImage, DiskPart } from './disk-part.ts';
import { type OpenFile, openFile } from './file.ts';
import { openQcow2 } from './qcow2-read.ts';
import { openSparse } from './sparse-read.ts';
import { readPackedParts } from './vmdk-raw.ts';

/** How to open a disk. */
export interface OpenDiskOptions {
  /** What the disk is; told by its first bytes when absent. */
  readonly from?: DiskImage['format'] | undefined;
  /** What its file is called. A file of any size is a raw disk when it is called `.raw`, `.img` or `.bin`. */
  readonly name?: string | undefined;
  /** Opens a file beside the disk, for a VMDK whose data is in others. Whoever gives it closes what it opened. */
  readonly openBeside?: ((name: string) => Promise<RandomAccess>) | undefined;
}

/** A disk whose files are open. */
export interface OpenDisk extends DiskImage {
  /** The one it was opened by. */
  readonly file: RandomAccess;
  close(): Promise<void>;
}

const latin1 = new TextDecoder('latin1');

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

/** Nothing in a raw disk says that it is one: a text that somebody took for a disk must not become one in silence. */
function openUnmarked(source: RandomAccess, name: string | undefined): DiskImage {
  if ((source.size > 0 && source.size % sectorSize === 0) || /\.(?:raw|img|bin)$/i.test(name ?? ''))
    return rawImage(source);
  throw new PackageError(
    'VALUE_INVALID',
    `${name ?? 'The file'} is no disk: nothing in it says so, and ${source.size} bytes are no whole sectors; name it .raw, or say that it is raw`,
    { file: name },
  );
}

async function openByMagic(source: RandomAccess, { name, openBeside }: OpenDiskOptions): Promise<DiskImage> {
  const head = await readAll(source.read({ start: 0, end: Math.min(source.size, sectorSize) }), sectorSize);
  if (hasQcow2Magic(head)) return openQcow2(source);
  if (hasVmdkMagic(head)) return openVmdk(source, head);
  if (hasDiskDescriptor(head)) return openExtents(source, { openBeside, rawImage });
  return openUnmarked(source, name);
}

/**
 * Opens a disk image: qcow2, a VMDK, or else raw.
 * @throws PackageError QCOW2_INVALID, VMDK_INVALID, TRUNCATED; VALUE_INVALID when it is not of the format `from`, or no disk
 */
export async function openDisk(source: RandomAccess, options: OpenDiskOptions = {}): Promise<DiskImage> {
  const { from } = options;
  if (from === 'raw') return rawImage(source);
  const disk = await openByMagic(source, options);
  if (from !== undefined && disk.format !== from)
    throw new PackageError('VALUE_INVALID', `The disk is ${disk.format}, not ${from}`);
  return disk;
}

/**
 * Opens a disk by its path, with the files beside it that a VMDK may have its data in. The caller closes it.
 * @throws PackageError CANNOT_READ, and what {@link openDisk} does
 */
export async function openDiskFile(path: string, { from }: Pick<OpenDiskOptions, 'from'> = {}): Promise<OpenDisk> {
  const files: OpenFile[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(files.map((file) => file.close()));
  };
  const open = async (place: string): Promise<OpenFile> => {
    const file = await openFile(place);
    files.push(file);
    return file;
  };
  try {
    const file = await open(path);
    const openBeside = (name: string) => open(join(dirname(path), name));
    return { ...(await openDisk(file, { from, name: basename(path), openBeside })), file, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}
