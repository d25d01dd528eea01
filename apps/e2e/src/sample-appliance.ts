import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type ManifestEntry, writeManifest, writeOva } from '@ovfkit/package-format';
import { digested, writeStreamOptimized } from '@ovfkit/package-format/node';
import { mixedData, streamOf } from './sample-bytes.ts';
import { type SampleDisk, type SampleFile, sampleDescriptor, sampleMessages } from './sample-descriptor.ts';

/** A package that was made: the folder, its files in the order of an archive, and where each disk lies. */
export interface SampleAppliance {
  readonly name: string;
  readonly folder: string;
  readonly descriptor: string;
  readonly disks: readonly string[];
  /** Names in the order DSP0243 asks of an archive. */
  readonly members: readonly string[];
  /** Bytes of all files. */
  readonly size: number;
}

interface Options {
  /** Made, with the name of the appliance. */
  readonly folder: string;
  readonly name: string;
  /** Capacities in bytes. */
  readonly capacities: readonly number[];
  /** Sizes of files that no disk lies in, in bytes; none by default. */
  readonly otherSizes?: readonly number[];
}

/** Writes one disk, digesting it on the way. */
async function writeDisk(
  folder: string,
  { name, capacity }: { readonly name: string; readonly capacity: number },
): Promise<SampleDisk & { readonly digest: string }> {
  const raw = streamOf(mixedData({ seed: name, size: capacity }));
  let digest = '';
  const vmdk = digested(
    writeStreamOptimized(raw, { capacity, level: 1, contentId: '5a3e0001' }),
    ['SHA256'],
    (digests) => {
      digest = digests.get('SHA256') ?? '';
    },
  );
  const path = join(folder, name);
  await pipeline(vmdk, createWriteStream(path));
  return { name, capacity, size: (await stat(path)).size, digest };
}

const entry = (name: string, digest: string): ManifestEntry => ({ name, algorithm: 'SHA256', digest });
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes a file of noise and text that no disk lies in. */
async function writeOther(folder: string, { name, size }: SampleFile): Promise<ManifestEntry & SampleFile> {
  const bytes = Buffer.concat([...mixedData({ seed: name, size })]);
  await writeFile(join(folder, name), bytes);
  return { name, size, algorithm: 'SHA256', digest: createHash('sha256').update(bytes).digest('hex') };
}

/** Makes an appliance: disks, a message bundle, a descriptor and a manifest of SHA-256 digests. */
export async function makeAppliance({ folder, name, capacities, otherSizes = [] }: Options): Promise<SampleAppliance> {
  await mkdir(folder, { recursive: true });
  const disks = await Promise.all(
    capacities.map((capacity, index) => writeDisk(folder, { name: `${name}-disk${index + 1}.vmdk`, capacity })),
  );
  const others = await Promise.all(
    otherSizes.map((size, index) => writeOther(folder, { name: `${name}-file${index + 1}.bin`, size })),
  );
  const bundle = `${name}-en-US.xml`;
  const descriptor = `${name}.ovf`;
  const text = sampleDescriptor({
    name,
    disks,
    bundle: { name: bundle, size: Buffer.byteLength(sampleMessages) },
    others,
  });
  const manifest = writeManifest([
    entry(descriptor, digestOf(text)),
    entry(bundle, digestOf(sampleMessages)),
    ...disks.map((disk) => entry(disk.name, disk.digest)),
    ...others,
  ]);
  await writeFile(join(folder, bundle), sampleMessages);
  await writeFile(join(folder, descriptor), text);
  await writeFile(join(folder, `${name}.mf`), manifest);
  return {
    name,
    folder,
    descriptor: join(folder, descriptor),
    disks: disks.map((disk) => join(folder, disk.name)),
    members: [descriptor, `${name}.mf`, bundle, ...[...disks, ...others].map((file) => file.name)],
    size: [...disks, ...others].reduce(
      (sum, file) => sum + file.size,
      text.length + manifest.length + sampleMessages.length,
    ),
  };
}

/** Packs the appliance into an archive. */
export async function packAppliance({ folder, members }: SampleAppliance, path: string): Promise<void> {
  const entries = await Promise.all(
    members.map(async (name) => {
      const file = join(folder, name);
      return { name, size: (await stat(file)).size, bytes: createReadStream(file, { highWaterMark: 1024 * 1024 }) };
    }),
  );
  await pipeline(Readable.from(writeOva(entries)), createWriteStream(path));
}
