import { join } from 'node:path';
import {
  type DigestAlgorithm,
  digestAlgorithms,
  isDescriptorName,
  type ManifestEntry,
  PackageError,
  readAll,
  readManifest,
  readTar,
  siblingName,
  type TarEntry,
} from '@ovfkit/package-format';
import { type Digests, digested, maxTextSize, unwrapped } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import type { MadePackage } from './make-package.ts';
import { type OutputFiles, withOutputFiles } from './output-files.ts';
import { checkDigest } from './write-package.ts';

interface StreamOptions {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly output: string;
  readonly overwrite?: boolean | undefined;
  readonly report: Report;
}

interface Seen {
  readonly name: string;
  readonly size: number;
  readonly digests: Digests;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function* told({ name, size, bytes }: TarEntry, report: Report): AsyncGenerator<Uint8Array, void, undefined> {
  let transferred = 0;
  for await (const chunk of bytes) {
    yield chunk;
    transferred += chunk.length;
    report.event({ type: 'file', name, transferred, size });
  }
}

/** Writes one member; before the manifest is known, every digest it may ask for is made. */
async function writeMember(
  entry: TarEntry,
  {
    files,
    options,
    algorithms,
  }: { files: OutputFiles; options: StreamOptions; algorithms: readonly DigestAlgorithm[] },
): Promise<Seen> {
  let digests: Digests = new Map();
  const bytes = digested(told(entry, options.report), algorithms, (done) => {
    digests = done;
  });
  const size = await files.write(join(options.output, entry.name), bytes);
  return { name: entry.name, size, digests };
}

function checkAll(seen: readonly Seen[], manifest: readonly ManifestEntry[]): void {
  for (const { name, size, digests } of seen)
    for (const entry of manifest.filter((each) => each.name === name))
      checkDigest(digests.get(entry.algorithm) ?? '', entry, size);
}

/** Writes the members of an archive as they come, compared with the manifest wherever that stands. */
async function writeMembers(files: OutputFiles, options: StreamOptions): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let manifest: readonly ManifestEntry[] | undefined;
  for await (const entry of readTar(unwrapped(options.bytes, { file: 'stdin' }))) {
    if (entry.name.toLowerCase().endsWith('.mf')) {
      const text = await readAll(entry.bytes, maxTextSize);
      manifest = readManifest(text, { file: entry.name }).entries;
      seen.push({
        name: entry.name,
        size: await files.write(join(options.output, entry.name), once(text)),
        digests: new Map(),
      });
      continue;
    }
    const known = manifest?.filter(({ name }) => name === entry.name).map(({ algorithm }) => algorithm);
    seen.push(await writeMember(entry, { files, options, algorithms: known ?? digestAlgorithms }));
  }
  checkAll(seen, manifest ?? []);
  return seen;
}

/** Unpacks an archive that is read once. @throws PackageError, CliError verificationFailed */
export async function unpackStream({ signal }: Pick<Context, 'signal'>, options: StreamOptions): Promise<MadePackage> {
  const { output, overwrite, report } = options;
  return withOutputFiles({ overwrite, signal }, async (files) => {
    const seen = await writeMembers(files, options);
    const descriptor = seen.find(({ name }) => isDescriptorName(name));
    if (descriptor === undefined) throw new PackageError('DESCRIPTOR_MISSING', 'The archive has no descriptor (.ovf)');
    const hasManifest = seen.some(({ name }) => name === siblingName(descriptor.name, '.mf'));
    const warnings = hasManifest ? [] : ['The archive has no manifest: nothing says whether it is whole'];
    for (const message of warnings) report.event({ type: 'warning', message });
    const size = seen.reduce((sum, each) => sum + each.size, 0);
    return { output, size, files: seen.map(({ name, size: bytes }) => ({ name, size: bytes })), warnings };
  });
}
