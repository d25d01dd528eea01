// The text inside (or beside) a VMDK:
//   # Disk DescriptorFile
//   version=1
//   CID=7e2a7eac
//   createType="streamOptimized"
//   RW 2097152 SPARSE "disk.vmdk"
//   ddb.adapterType = "lsilogic"
import { PackageError } from './errors.ts';

/** One piece of a disk. `sectors` of 512 bytes, from `offsetSectors` of its file on; `type` such as `SPARSE`, `FLAT`, `VMFS`. */
export interface DiskExtent {
  readonly access: string;
  readonly sectors: number;
  readonly type: string;
  readonly file: string;
  readonly offsetSectors: number;
}

/** A disk descriptor. Values are without their quotes; `ddb` holds the entries whose keys begin with `ddb.`. */
export interface DiskDescriptor {
  readonly createType: string;
  readonly values: ReadonlyMap<string, string>;
  readonly extents: readonly DiskExtent[];
}

const extentLine = /^(RW|RDONLY|NOACCESS)\s+([0-9]+)\s+([A-Z0-9]+)(?:\s+"([^"]*)"(?:\s+([0-9]+))?)?/;
const valueLine = /^([A-Za-z0-9_.]+)\s*=\s*"?([^"]*)"?$/;

function readExtent(line: string): DiskExtent | undefined {
  const [, access, sectorsText, type, file, offsetText = '0'] = extentLine.exec(line) ?? [];
  if (access === undefined || type === undefined) return undefined;
  const sectors = Number(sectorsText);
  const offsetSectors = Number(offsetText);
  if (!Number.isSafeInteger((sectors + offsetSectors) * 512))
    throw new PackageError('VMDK_INVALID', `The disk descriptor has an extent of ${sectorsText} sectors`);
  return { access, sectors, type, file: file ?? '', offsetSectors };
}

/**
 * Reads a disk descriptor.
 * @throws PackageError VMDK_INVALID when it is none, or two extents are one file
 */
export function readDiskDescriptor(text: string): DiskDescriptor {
  const values = new Map<string, string>();
  const extents: DiskExtent[] = [];
  for (const line of text.split(/\r?\n/).map((part) => part.trim())) {
    const extent = readExtent(line);
    if (extent !== undefined) extents.push(extent);
    const [, key, value] = extent === undefined && !line.startsWith('#') ? (valueLine.exec(line) ?? []) : [];
    if (key !== undefined) values.set(key, value ?? '');
  }
  const createType = values.get('createType');
  if (createType === undefined) throw new PackageError('VMDK_INVALID', 'The disk descriptor has no createType');
  const named = extents.filter(({ file }) => file !== '').map(({ file }) => file);
  if (new Set(named).size < named.length)
    throw new PackageError('VMDK_INVALID', 'Two extents of the disk descriptor are one file');
  return { createType, values, extents };
}

/** The descriptor of a streamOptimized disk of `sectors` sectors. `contentId` is 32 bits in hexadecimal. */
export function writeDiskDescriptor({
  sectors,
  contentId,
}: {
  readonly sectors: number;
  readonly contentId: string;
}): string {
  const cylinders = Math.min(16_383, Math.ceil(sectors / (255 * 63)));
  return [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${contentId}`,
    'parentCID=ffffffff',
    'createType="streamOptimized"',
    '',
    '# Extent description',
    `RW ${sectors} SPARSE "disk.vmdk"`,
    '',
    '# The Disk Data Base',
    '#DDB',
    'ddb.adapterType = "lsilogic"',
    `ddb.geometry.cylinders = "${cylinders}"`,
    'ddb.geometry.heads = "255"',
    'ddb.geometry.sectors = "63"',
    'ddb.virtualHWVersion = "4"',
    '',
  ].join('\n');
}
