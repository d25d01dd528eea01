import { flatten, openDiskFile, writeStreamOptimized } from '@ovfkit/package-format/node';

/** A disk that goes into a package, as streamOptimized VMDK. Sizes are bytes. */
export interface DiskSource {
  readonly capacity: number;
  /** Of the VMDK; absent when it is made on the way. */
  readonly size?: number | undefined;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const sectorSize = 512;

/**
 * Opens a disk: a streamOptimized VMDK is taken as it is, raw, qcow2 and other VMDKs are converted. One that ends within a
 * sector is filled up.
 * @throws PackageError
 */
export async function openDiskSource(path: string): Promise<DiskSource> {
  const { file, format, parts, close, ...disk } = await openDiskFile(path);
  const capacity = Math.ceil(disk.capacity / sectorSize) * sectorSize;
  if (format === 'streamOptimized')
    return { capacity, size: file.size, read: () => file.read({ start: 0, end: file.size }), close };
  return { capacity, read: () => writeStreamOptimized(flatten(parts(), capacity), { capacity }), close };
}
