import { flatten, openDisk, openFile, writeStreamOptimized } from '@ovfkit/package-format/node';

/** A disk that goes into a package, as streamOptimized VMDK. Sizes are bytes. */
export interface DiskSource {
  readonly capacity: number;
  /** Of the VMDK; absent when it is made on the way. */
  readonly size?: number | undefined;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens a disk, told by its first bytes: a streamOptimized VMDK is taken as it is, raw, qcow2 and other sparse VMDKs are
 * converted.
 * @throws PackageError
 */
export async function openDiskSource(path: string): Promise<DiskSource> {
  const file = await openFile(path);
  const close = () => file.close();
  try {
    const disk = await openDisk(file);
    const { capacity } = disk;
    const { size } = file;
    if (disk.format === 'streamOptimized')
      return { capacity, size, read: () => file.read({ start: 0, end: size }), close };
    return { capacity, read: () => writeStreamOptimized(flatten(disk.parts(), capacity), { capacity }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
