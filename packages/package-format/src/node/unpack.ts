import { join } from 'node:path';
import { readAll } from '../bytes.ts';
import { PackageError } from '../errors.ts';
import { type DigestAlgorithm, digestAlgorithms, type ManifestEntry, readManifest } from '../manifest.ts';
import { isDescriptorName, siblingName } from '../package-read.ts';
import { readTar, type TarEntry } from '../tar-read.ts';
import { digestMismatch } from './compared.ts';
import { type Digests, digested } from './digest.ts';
import { maxTextSize } from './open.ts';
import { type OutputFiles, type OutputFilesOptions, withOutputFiles, writeFile } from './output-files.ts';
import { type PackageWatch, told } from './package-parts.ts';
import { unwrapped } from './unwrap.ts';

/** Where to, and who waits. */
export interface UnpackOptions extends OutputFilesOptions, PackageWatch {
  /** A folder, made when it is not there. */
  readonly path: string;
}

/** What was unpacked. Sizes are bytes. */
export interface UnpackedPackage {
  readonly size: number;
  readonly members: readonly { readonly name: string; readonly size: number }[];
  /** Whether there was a manifest, with which all files were compared. */
  readonly hasManifest: boolean;
}

interface Seen {
  readonly name: string;
  readonly size: number;
  readonly digests: Digests;
}

interface Unpacking {
  readonly files: OutputFiles;
  readonly options: UnpackOptions;
}

/** Writes one member; before the manifest is known, every digest it may ask for is made. */
async function writeMember(
  { name, size, bytes }: TarEntry,
  { files, options, algorithms }: Unpacking & { readonly algorithms: readonly DigestAlgorithm[] },
): Promise<Seen> {
  let digests: Digests = new Map();
  const observed = told(bytes, { file: name, phase: 'write', size, watch: options });
  const whole = digested(observed, algorithms, (done) => {
    digests = done;
  });
  return { name, size: await writeFile(files, { path: join(options.path, name), bytes: whole }), digests };
}

function compareAll(seen: readonly Seen[], manifest: readonly ManifestEntry[]): void {
  for (const { name, size, digests } of seen)
    for (const entry of manifest.filter((each) => each.name === name)) {
      const actual = digests.get(entry.algorithm) ?? '';
      if (actual !== entry.digest) throw digestMismatch(entry, { actual, size });
    }
}

/** Writes the members as they come, compared with the manifest wherever that stands. */
async function writeMembers(bytes: AsyncIterable<Uint8Array>, unpacking: Unpacking): Promise<readonly Seen[]> {
  const { files, options } = unpacking;
  const seen: Seen[] = [];
  let manifest: readonly ManifestEntry[] | undefined;
  for await (const entry of readTar(unwrapped(bytes, { file: 'stdin' }))) {
    const { name } = entry;
    if (name.toLowerCase().endsWith('.mf')) {
      const text = await readAll(entry.bytes, maxTextSize);
      manifest = readManifest(text, { file: name }).entries;
      const size = await writeFile(files, { path: join(options.path, name), bytes: [text] });
      seen.push({ name, size, digests: new Map() });
      continue;
    }
    const known = manifest?.filter((each) => each.name === name).map(({ algorithm }) => algorithm);
    seen.push(await writeMember(entry, { ...unpacking, algorithms: known ?? digestAlgorithms }));
  }
  compareAll(seen, manifest ?? []);
  return seen;
}

/**
 * Unpacks an archive that is read once, compressed or not, into a folder. Every file is compared with the manifest, wherever that stands;
 * all files appear at once, or none.
 * @throws PackageError DIGEST_MISMATCH, DESCRIPTOR_MISSING, FILE_EXISTS, CANNOT_WRITE, and as readTar does; the reason of `signal`
 */
export async function unpackStream(bytes: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<UnpackedPackage> {
  return withOutputFiles(options, async (files) => {
    const seen = await writeMembers(bytes, { files, options });
    const descriptor = seen.find(({ name }) => isDescriptorName(name));
    if (descriptor === undefined) throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
    options.signal?.throwIfAborted();
    return {
      size: seen.reduce((sum, each) => sum + each.size, 0),
      members: seen.map(({ name, size }) => ({ name, size })),
      hasManifest: seen.some(({ name }) => name === siblingName(descriptor.name, '.mf')),
    };
  });
}
