import { inspectVmdk, PackageError, readAll } from '@ovfkit/package-format';
import { openFile, writeStreamOptimized } from '@ovfkit/package-format/node';

/** A disk that goes into a package, as streamOptimized VMDK. Sizes are bytes. */
export interface DiskSource {
  readonly capacity: number;
  /** How much is to be read, for progress; the result may have another size. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const magicSize = 4;
const isQcow2 = (magic: Uint8Array): boolean => Buffer.from(magic).toString('latin1') === 'QFI\u00FB';
const isVmdk = (magic: Uint8Array): boolean => Buffer.from(magic).toString('latin1') === 'KDMV';

/**
 * Opens a disk, told by its first bytes: a streamOptimized VMDK is taken as it is, a raw one is converted.
 * @throws PackageError VMDK_INVALID for other kinds
 */
export async function openDisk(path: string): Promise<DiskSource> {
  const file = await openFile(path);
  const close = () => file.close();
  try {
    const magic = await readAll(file.read({ start: 0, end: Math.min(magicSize, file.size) }), magicSize);
    const all = () => file.read({ start: 0, end: file.size });
    if (isVmdk(magic)) {
      const { kind, capacity } = await inspectVmdk(file);
      if (kind === 'streamOptimized') return { capacity, size: file.size, read: all, close };
    }
    if (isVmdk(magic) || isQcow2(magic))
      throw new PackageError('VMDK_INVALID', `${path} is a disk of a kind that cannot be packed`, { file: path });
    const capacity = file.size;
    return { capacity, size: file.size, read: () => writeStreamOptimized(all(), { capacity }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
