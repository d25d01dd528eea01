import { dirname, join } from 'node:path';
import { siblingName } from '@ovfkit/package-format';
import {
  checkManifest,
  makeCertificate,
  type SigningIdentity,
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

function refuseUnsealed({ reader }: PackageSource): void {
  const name = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some((member) => member.name === name))
    throw new CliError('packageInvalid', 'The package has no manifest that could be signed', {
      hint: 'ovfkit pack PACKAGE -o PATH --sha 256 makes one.',
    });
}

/** Compares every digest, and puts the certificate beside the manifest. */
async function signFolder(
  { reader, path }: PackageSource,
  { identity, report, overwrite, signal }: SignJob & Pick<Context, 'signal'>,
): Promise<string> {
  const { name, bytes } = await makeCertificate(reader, identity);
  await checkManifest(reader, { signal, onProgress: toReport(report) });
  const place = join(/\.ovf$/i.test(path) ? dirname(path) : path, name);
  await withOutputFiles({ ifExists: overwrite ? 'replace' : 'refuse' }, (files) =>
    writeFile(files, { path: place, bytes: [bytes] }),
  );
  return place;
}

/** Signs the manifest of a package; resolves to the path of what was written. */
export async function signPackage({ signal }: Pick<Context, 'signal'>, job: SignJob): Promise<string> {
  const { source: path, output, identity, report, overwrite } = job;
  if (path === '-' && output === undefined)
    throw new CliError('usage', 'A package from standard input has no place of its own', { hint: 'Give -o.' });
  return withSource({ path, output, lax: true, report, signal }, async (source) => {
    refuseUnsealed(source);
    if (output === undefined && source.reader.kind === 'ovf') return signFolder(source, { ...job, signal });
    if (output === undefined && !overwrite)
      throw new CliError('usage', 'An archive is written anew to take the signature up', {
        hint: 'Give -o for another place, or --overwrite for the same.',
      });
    const made = await deliver(source.reader, { output: output ?? path, identity, overwrite, report, signal });
    return made.output;
  });
}
