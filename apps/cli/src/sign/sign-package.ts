import { dirname, join } from 'node:path';
import { type ManifestEntry, PackageError, readAll, readManifest, siblingName } from '@ovfkit/package-format';
import {
  checkManifest,
  maxTextSize,
  type SigningIdentity,
  signManifest,
  withOutputFiles,
  writeFile,
} from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { deliver, toReport } from '../pack/deliver.ts';
import { type PackageSource, withSource } from '../pack/package-source.ts';

/** What to sign, and where the signed package goes. */
export interface SignJob {
  readonly source: string;
  /** The package itself when absent. */
  readonly output?: string | undefined;
  readonly identity: SigningIdentity;
  readonly overwrite?: boolean | undefined;
  readonly report: Report;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function manifestOf({ reader }: PackageSource): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const name = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some((member) => member.name === name))
    throw new CliError('packageInvalid', 'The package has no manifest that could be signed', {
      hint: 'ovfkit pack PACKAGE -o PATH --sha 256 makes one.',
    });
  return { name, bytes: await readAll(reader.read(name), maxTextSize) };
}

/** A signature vouches for all that the manifest lists. */
function refuseMissing({ reader }: PackageSource, entries: readonly ManifestEntry[]): void {
  const missing = entries.find(({ name }) => !reader.members.some((member) => member.name === name));
  if (missing === undefined) return;
  const { name } = missing;
  throw new PackageError('FILE_MISSING', `The manifest lists ${name}, which the package does not have`, { file: name });
}

/** Compares every digest, and puts the certificate beside the manifest. */
async function signFolder(
  source: PackageSource,
  { identity, report, overwrite, signal }: SignJob & Pick<Context, 'signal'>,
): Promise<string> {
  const { name: manifestName, bytes: manifest } = await manifestOf(source);
  refuseMissing(source, readManifest(manifest, { file: manifestName }).entries);
  await checkManifest(source.reader, { signal, onProgress: toReport(report) });
  const folder = /\.ovf$/i.test(source.path) ? dirname(source.path) : source.path;
  const path = join(folder, siblingName(source.reader.descriptorName, '.cert'));
  const text = signManifest({ manifest, manifestName, identity });
  await withOutputFiles({ ifExists: overwrite ? 'replace' : 'refuse' }, (files) =>
    writeFile(files, { path, bytes: once(new TextEncoder().encode(text)) }),
  );
  return path;
}

/** Signs the manifest of a package; resolves to the path of what was written. */
export async function signPackage({ signal }: Pick<Context, 'signal'>, job: SignJob): Promise<string> {
  const { source: path, output, identity, report, overwrite } = job;
  if (path === '-' && output === undefined)
    throw new CliError('usage', 'A package from standard input has no place of its own', { hint: 'Give -o.' });
  return withSource({ path, output, lax: true, report, signal }, async (source) => {
    if (output === undefined && source.reader.kind === 'ovf') return signFolder(source, { ...job, signal });
    if (output === undefined && !overwrite)
      throw new CliError('usage', 'An archive is written anew to take the signature up', {
        hint: 'Give -o for another place, or --overwrite for the same.',
      });
    await manifestOf(source);
    const made = await deliver(source.reader, { output: output ?? path, identity, overwrite, report, signal });
    return made.output;
  });
}
