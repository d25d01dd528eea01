import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openPackage, writePackage } from '@ovfkit/package-format/node';
import { makeAppliance } from '../sample-appliance.ts';
import type { Random } from './random.ts';

/** A package that was drawn. */
export interface RandomPackage {
  /** Folder that has the package and nothing else. */
  readonly folder: string;
  /** Of the archive or the descriptor, within the folder. */
  readonly name: string;
  /** The same package, neither compressed nor in pieces. */
  readonly plain: string;
  readonly hasManifest: boolean;
  /** Members that are sent: all but the descriptor. */
  readonly files: number;
  /** In words, for whoever reads the report. */
  readonly about: string;
}

/** What may be drawn. */
export const forms = ['any', 'ova', 'folder'] as const;
export type Form = (typeof forms)[number];

const kib = 1024;
/** The unit of a disk's grains. */
const grain = 64 * kib;

const otherSizes = (random: Random): readonly number[] =>
  Array.from({ length: random.pick([0, 0, 1, 3, 20]) }, () =>
    random.pick([0, 0, 1, 511, 4 * kib, random.between(2, 300 * kib)]),
  );

interface Drawing {
  readonly folder: string;
  readonly name: string;
  readonly form: Form;
  readonly atLeast?: number;
}

/** Draws a package and writes it, one disk of it of `atLeast` bytes when that is said: disks, files of any size, compression, pieces, digests; an archive or a folder. */
export async function makeRandomPackage(
  random: Random,
  { folder, name, form: wanted, atLeast }: Drawing,
): Promise<RandomPackage> {
  const plain = join(folder, 'plain');
  const packed = join(folder, 'packed');
  const appliance = await makeAppliance({
    folder: plain,
    name,
    capacities: [
      ...(atLeast === undefined ? [] : [atLeast]),
      ...Array.from({ length: random.between(1, 4) }, () => grain * random.between(1, random.pick([1, 8, 96]))),
    ],
    otherSizes: otherSizes(random),
  });
  const compression = random.pick(['keep', 'keep', 'gzip'] as const);
  const chunkSize = random.pick([undefined, undefined, random.between(20, 900) * kib]);
  const drawn = random.pick(['SHA1', 'SHA256', 'SHA256', 'SHA512', undefined] as const);
  const coin = random.pick([true, false]);
  const isArchive = wanted === 'any' ? drawn !== undefined && coin : wanted === 'ova';
  // a package without a manifest is a folder that lost it
  const digest = isArchive ? (drawn ?? 'SHA256') : drawn;
  const reader = await openPackage(appliance.folder);
  try {
    const path = isArchive ? join(packed, `${name}.ova`) : packed;
    await writePackage(reader, { path, compression, chunkSize, digest: digest ?? 'SHA256' });
  } finally {
    await reader.close();
  }
  if (digest === undefined) await rm(join(packed, `${name}.mf`));
  const form = isArchive ? 'ova' : 'folder';
  const { members } = appliance;
  return {
    folder: packed,
    name: isArchive ? `${name}.ova` : `${name}.ovf`,
    plain: appliance.folder,
    hasManifest: digest !== undefined,
    files: members.length - 1,
    about: `${form} of ${members.length} files, ${Math.ceil(appliance.size / kib)} KiB, ${compression}, ${digest ?? 'no manifest'}${chunkSize === undefined ? '' : `, pieces of ${chunkSize} bytes`}`,
  };
}

/** The same package, neither compressed nor in pieces, at `path`. */
export async function asPlain(from: string, path: string): Promise<string> {
  const reader = await openPackage(from);
  try {
    await writePackage(reader, { path, compression: 'plain' });
    return path;
  } finally {
    await reader.close();
  }
}
