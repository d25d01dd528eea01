// Packages to be moved: incompressible disks, so that the wire and the disk are measured and nothing else.
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type ManifestEntry, type WritableItem, writeDescriptor, writeManifest } from '@ovfkit/package-format';
import { digested, writeStreamOptimized } from '@ovfkit/package-format/node';

/** A package in a folder. */
export interface Sample {
  readonly folder: string;
  /** Text of the descriptor. */
  readonly descriptor: string;
  readonly disks: readonly string[];
  /** Bytes of all disks, as files. */
  readonly size: number;
}

const mebibyte = 1024 ** 2;

async function* random(size: number): AsyncGenerator<Uint8Array> {
  for (let left = size; left > 0; left -= mebibyte) yield randomBytes(Math.min(left, mebibyte));
}

/** Makes a machine with so many disks of a capacity, and its manifest of SHA-256 digests. Capacities are bytes. */
export async function makeSample(
  folder: string,
  { name, capacities }: { readonly name: string; readonly capacities: readonly number[] },
): Promise<Sample> {
  await mkdir(folder, { recursive: true });
  const entries: ManifestEntry[] = [];
  const disks: { readonly name: string; readonly size: number; readonly capacity: number }[] = [];
  for (const [index, capacity] of capacities.entries()) {
    const file = `${name}-disk${index + 1}.vmdk`;
    const bytes = digested(writeStreamOptimized(random(capacity), { capacity, level: 1 }), ['SHA256'], (digests) => {
      entries.push({ name: file, algorithm: 'SHA256', digest: digests.get('SHA256') ?? '' });
    });
    await pipeline(bytes, createWriteStream(join(folder, file)));
    disks.push({ name: file, size: (await stat(join(folder, file))).size, capacity });
  }
  const descriptor = descriptorOf(name, disks);
  const digest = createHash('sha256').update(descriptor).digest('hex');
  await writeFile(join(folder, `${name}.ovf`), descriptor);
  await writeFile(
    join(folder, `${name}.mf`),
    writeManifest([{ name: `${name}.ovf`, algorithm: 'SHA256', digest }, ...entries]),
  );
  return {
    folder,
    descriptor: await readFile(join(folder, `${name}.ovf`), 'utf8'),
    disks: disks.map((disk) => disk.name),
    size: disks.reduce((sum, { size }) => sum + size, 0),
  };
}

/** Makes a machine with one image in its drive: a file of zeros that takes no room here, without a manifest. */
export async function makeSparse(
  folder: string,
  { name, size }: { readonly name: string; readonly size: number },
): Promise<Pick<Sample, 'folder'>> {
  await mkdir(folder, { recursive: true });
  const image = `${name}.iso`;
  await writeFile(join(folder, image), '');
  await truncate(join(folder, image), size);
  const descriptor = writeDescriptor({
    files: [{ id: 'image', href: image, size }],
    disks: [],
    networks: [],
    content: {
      kind: 'VirtualSystem',
      id: name,
      info: 'A machine',
      hardware: [
        {
          items: [
            ...processorAndMemory,
            { instanceId: '3', resourceType: 5, elementName: 'IDE', address: '0' },
            { instanceId: '4', resourceType: 15, elementName: 'CD', parent: '3', hostResource: ['ovf:/file/image'] },
          ],
        },
      ],
    },
  });
  await writeFile(join(folder, `${name}.ovf`), descriptor);
  return { folder };
}

const processorAndMemory: readonly WritableItem[] = [
  { instanceId: '1', resourceType: 3, elementName: 'CPU', virtualQuantity: 1 },
  { instanceId: '2', resourceType: 4, elementName: 'Memory', allocationUnits: 'byte * 2^20', virtualQuantity: 64 },
];

function descriptorOf(
  name: string,
  disks: readonly { readonly name: string; readonly size: number; readonly capacity: number }[],
): string {
  const controllers = Math.ceil(disks.length / 15);
  return writeDescriptor({
    files: disks.map((disk, index) => ({ id: `file${index}`, href: disk.name, size: disk.size })),
    disks: disks.map(({ capacity }, index) => ({
      diskId: `disk${index}`,
      fileRef: `file${index}`,
      capacity: String(capacity),
      capacityAllocationUnits: 'byte',
      format: 'http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized',
    })),
    networks: [],
    content: {
      kind: 'VirtualSystem',
      id: name,
      info: 'A machine',
      hardware: [
        {
          system: { virtualSystemType: 'vmx-13' },
          items: [
            ...processorAndMemory,
            ...Array.from({ length: controllers }, (_, index) => ({
              instanceId: `c${index}`,
              resourceType: 6,
              resourceSubType: 'lsilogic',
              elementName: `SCSI ${index}`,
              address: String(index),
            })),
            ...disks.map((_, index) => ({
              instanceId: `d${index}`,
              resourceType: 17,
              elementName: `Disk ${index}`,
              parent: `c${Math.floor(index / 15)}`,
              addressOnParent: String(index % 15),
              hostResource: [`ovf:/disk/disk${index}`],
            })),
          ],
        },
      ],
    },
  });
}
