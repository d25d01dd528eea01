import { type RandomAccess, readAll } from './bytes.ts';
import { type DiskDescriptor, readDiskDescriptor } from './disk-descriptor.ts';
import { PackageError } from './errors.ts';
import { decodeVmdkHeader, hasVmdkMagic, sectorSize, type VmdkHeader } from './vmdk-header.ts';

/** What a VMDK file is, from its header and descriptor; no data is read. `capacity` in bytes. */
export interface VmdkInfo {
  readonly kind: 'streamOptimized' | 'sparse' | 'descriptor';
  readonly capacity: number;
  readonly header?: VmdkHeader | undefined;
  readonly descriptor?: DiskDescriptor | undefined;
}

const maxDescriptorSize = 64 * 1024;
const latin1 = new TextDecoder('latin1');

function textFrom(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return latin1.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

async function readSparse(source: RandomAccess, header: VmdkHeader): Promise<VmdkInfo> {
  const start = header.descriptorOffset * sectorSize;
  const end = Math.min(source.size, start + header.descriptorSectors * sectorSize);
  const text =
    start < sectorSize || end <= start ? '' : textFrom(await readAll(source.read({ start, end }), end - start));
  return {
    kind: header.isCompressed && header.hasMarkers ? 'streamOptimized' : 'sparse',
    capacity: header.capacitySectors * sectorSize,
    header,
    descriptor: text === '' ? undefined : readDiskDescriptor(text),
  };
}

/** The letters of the magic number may stand before a text descriptor, so text is looked for when the header is nonsense. */
function readText(bytes: Uint8Array): VmdkInfo {
  const text = latin1.decode(bytes);
  const at = text.search(/# ?Disk DescriptorFile/i);
  if (at < 0)
    throw new PackageError('VMDK_INVALID', 'This is neither a sparse VMDK nor a disk descriptor', { offset: 0 });
  const descriptor = readDiskDescriptor(text.slice(at));
  const sectors = descriptor.extents.reduce((total, extent) => total + extent.sectors, 0);
  return { kind: 'descriptor', capacity: sectors * sectorSize, descriptor };
}

/**
 * Tells what a VMDK is: streamOptimized, another sparse kind, or a text descriptor whose data is elsewhere.
 * @throws PackageError VMDK_INVALID
 */
export async function inspectVmdk(source: RandomAccess): Promise<VmdkInfo> {
  const head = await readAll(
    source.read({ start: 0, end: Math.min(source.size, maxDescriptorSize) }),
    maxDescriptorSize,
  );
  const isText = /# ?Disk DescriptorFile/i.test(latin1.decode(head.subarray(0, sectorSize)));
  return hasVmdkMagic(head) && !isText ? readSparse(source, decodeVmdkHeader(head)) : readText(head);
}
