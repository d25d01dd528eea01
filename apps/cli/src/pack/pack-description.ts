import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { writeDescriptor } from '@ovfkit/package-format';
import type { PackageFile } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { deliver, type MadePackage } from './deliver.ts';
import { type DescribedDisk, describedEnvelope } from './described-envelope.ts';
import { type Description, descriptionOf, readDescription } from './description.ts';
import { type DiskSource, openDiskSource } from './disk-source.ts';
import type { MakeOptions } from './make-package.ts';

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `${path} cannot be read`, { cause, hint: 'Check the path.' });
  }
}

/** A disk of the machine, and the file it comes from; an empty one has none. */
interface OpenedDisk extends DescribedDisk {
  readonly source?: DiskSource | undefined;
}

/** Opens every disk of a description; those that were opened are added to `opened`, to be closed. */
async function openDisks(
  { name, disks }: Description,
  { folder, opened }: { readonly folder: string; readonly opened: DiskSource[] },
): Promise<readonly OpenedDisk[]> {
  const all: OpenedDisk[] = [];
  for (const [index, { file, size }] of disks.entries()) {
    if (file === undefined) {
      all.push({ capacity: size ?? 0 });
      continue;
    }
    const source = await openDiskSource(resolve(folder, file));
    opened.push(source);
    all.push({ name: `${name}-disk${index + 1}.vmdk`, size: source.size, capacity: source.capacity, source });
  }
  return all;
}

const fileOf = ({ name, source }: OpenedDisk): readonly PackageFile[] =>
  name === undefined || source === undefined ? [] : [{ name, size: source.size, read: () => source.read() }];

interface Described {
  readonly description: Description;
  /** What paths in it start from. */
  readonly folder: string;
}

interface Making {
  readonly options: MakeOptions;
  readonly report: Report;
}

async function packDescribed(
  { description, folder }: Described,
  { options, report, signal }: Making & Pick<Context, 'signal'>,
): Promise<MadePackage> {
  const { output, overwrite, compression, chunkSize, digest } = options;
  const { eula, name } = description;
  const license = eula === undefined ? undefined : await textOf(resolve(folder, eula));
  const opened: DiskSource[] = [];
  try {
    const disks = await openDisks(description, { folder, opened });
    const descriptor = writeDescriptor(describedEnvelope(description, { disks, license }));
    const input = { descriptorName: `${name}.ovf`, descriptor, files: disks.flatMap(fileOf) };
    return await deliver(input, { output, overwrite, compression, chunkSize, digest, report, signal });
  } finally {
    await Promise.all(opened.map((disk) => disk.close()));
  }
}

/** Makes a package of a description: disks raw, qcow2 or VMDK, an archive or a folder. */
export async function packDescription({ signal }: Pick<Context, 'signal'>, making: Making): Promise<MadePackage> {
  const { source } = making.options;
  const description = readDescription(await textOf(source), source);
  return packDescribed({ description, folder: dirname(resolve(source)) }, { ...making, signal });
}

/** Makes a package of a disk alone: a machine that is named after it, and has the defaults of a description. */
export async function packDisk({ signal }: Pick<Context, 'signal'>, making: Making): Promise<MadePackage> {
  const { source } = making.options;
  const description = descriptionOf({ name: basename(source, extname(source)), disks: [basename(source)] });
  making.report.event({
    type: 'information',
    message: 'A machine with 1 CPU, 1 GiB of memory and no network; a description (.yaml) can say otherwise',
  });
  return packDescribed({ description, folder: dirname(resolve(source)) }, { ...making, signal });
}
