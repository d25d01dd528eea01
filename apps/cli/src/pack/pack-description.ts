import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeDescriptor } from '@ovfkit/package-format';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { describedEnvelope } from './described-envelope.ts';
import { type Description, readDescription } from './description.ts';
import { type DiskSource, openDiskSource } from './disk-source.ts';
import { type MadePackage, type MakeOptions, writePlanned } from './make-package.ts';
import { withOutputFiles } from './output-files.ts';
import type { Planned, Storage } from './plan.ts';
import { gzipped, type SpooledFile, spooled } from './spool.ts';
import type { PackageTarget, PlannedFile } from './write-package.ts';

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new CliError('usage', `${path} cannot be read`, { cause, hint: 'Check the path.' });
  }
}

interface MadeDisk {
  readonly file?: SpooledFile | undefined;
  readonly capacity: number;
}

/** Every disk becomes streamOptimized; how large that is, is known only then. */
async function makeDisk(
  disk: DiskSource,
  { name, target, form }: { name: string; target: PackageTarget; form: MakeOptions['storage']['form'] },
): Promise<MadeDisk> {
  const { capacity } = disk;
  const bytes = form === 'gzip' ? gzipped(disk.read()) : disk.read();
  return { capacity, file: await spooled({ name, read: () => bytes }, target) };
}

/** Makes every disk of a description; an empty one needs no file. */
async function makeDisks(
  { name, disks }: Description,
  { folder, target, form }: { folder: string; target: PackageTarget; form: MakeOptions['storage']['form'] },
): Promise<readonly MadeDisk[]> {
  const made: MadeDisk[] = [];
  for (const [index, { file, size }] of disks.entries()) {
    if (file === undefined) {
      made.push({ capacity: size ?? 0 });
      continue;
    }
    const disk = await openDiskSource(resolve(folder, file));
    const fileName = `${name}-disk${index + 1}.vmdk${form === 'gzip' ? '.gz' : ''}`;
    try {
      made.push(await makeDisk(disk, { name: fileName, target, form }));
    } finally {
      await disk.close();
    }
  }
  return made;
}

function planOf(
  description: Description,
  { made, storage, license }: { made: readonly MadeDisk[]; storage: Storage; license: string | undefined },
): Planned {
  const parts = made.flatMap(({ file }) => (file === undefined ? [] : [file]));
  const disks = made.map(({ file, capacity }) => ({ name: file?.name, size: file?.size ?? 0, capacity }));
  const envelope = describedEnvelope(description, { disks, license });
  const compression = storage.form === 'gzip' ? 'gzip' : undefined;
  const files = (envelope.files ?? []).map((file) => ({ ...file, compression }));
  const text = new TextEncoder().encode(writeDescriptor({ ...envelope, files }));
  const descriptorName = `${description.name}.ovf`;
  const descriptor: PlannedFile = { name: descriptorName, size: text.length, read: () => once(text) };
  return {
    plan: { descriptorName, files: [descriptor, ...parts], algorithm: storage.algorithm ?? 'SHA256' },
    warnings: [],
    release: async () => {
      for (const part of parts) await part.release();
    },
  };
}

/** Makes a package of a description: disks raw, qcow2 or VMDK, an archive or a folder. */
export async function packDescription(
  { signal }: Pick<Context, 'signal'>,
  { options, report }: { readonly options: MakeOptions; readonly report: Report },
): Promise<MadePackage> {
  const { source, output, storage, overwrite } = options;
  if (storage.chunkSize !== undefined)
    throw new CliError('usage', '--chunk-size is for packages', {
      hint: 'Pack the description first, then the package.',
    });
  const folder = dirname(resolve(source));
  const description = readDescription(await textOf(source), source);
  const license = description.eula === undefined ? undefined : await textOf(resolve(folder, description.eula));
  return withOutputFiles({ overwrite, signal }, async (files) => {
    const target: PackageTarget = { path: output, files, report };
    const made = await makeDisks(description, { folder, target, form: storage.form });
    return writePlanned(planOf(description, { made, storage, license }), target);
  });
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
