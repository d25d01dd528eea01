import { join } from 'node:path';
import { PackageError, readAll, siblingName } from '@ovfkit/package-format';
import { digest, maxTextSize, type SigningIdentity, signManifest } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { openPlanSource } from '../pack/make-package.ts';
import { withOutputFiles } from '../pack/output-files.ts';
import { manifestOf, type PlanSource, planFrom } from '../pack/plan.ts';
import { checkDigest, isArchivePath, type PlannedFile, writePackage } from '../pack/write-package.ts';

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

/** A signature vouches for the digests, so they are compared first. */
async function checkFiles(
  source: PlanSource,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<void> {
  const { reader } = source;
  for (const entry of await manifestOf(source)) {
    const { name } = entry;
    const member = reader.members.find((each) => each.name === name);
    if (member === undefined)
      throw new PackageError('FILE_MISSING', `The manifest lists ${name}, which the package does not have`, {
        file: name,
      });
    let transferred = 0;
    async function* told(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const part of reader.read(name)) {
        signal.throwIfAborted();
        yield part;
        transferred += part.length;
        report.event({ type: 'file', name, transferred, size: member?.size });
      }
    }
    checkDigest(await digest(told(), entry.algorithm), entry, member.size);
  }
}

async function certificateFor({ reader }: PlanSource, identity: SigningIdentity): Promise<PlannedFile> {
  const manifestName = siblingName(reader.descriptorName, '.mf');
  if (!reader.members.some(({ name }) => name === manifestName))
    throw new CliError('packageInvalid', 'The package has no manifest that could be signed', {
      hint: 'ovfkit pack PACKAGE -o PATH --sha 256 makes one.',
    });
  const manifest = await readAll(reader.read(manifestName), maxTextSize);
  const text = new TextEncoder().encode(signManifest({ manifest, manifestName, identity }));
  return { name: siblingName(reader.descriptorName, '.cert'), size: text.length, read: () => once(text) };
}

/** Signs the manifest of a package; resolves to the path of what was written. */
export async function signPackage({ signal }: Pick<Context, 'signal'>, job: SignJob): Promise<string> {
  const { source: path, identity, report, overwrite } = job;
  const source = await openPlanSource(path, { signal, lax: true });
  const { reader } = source;
  try {
    const certificate = await certificateFor(source, identity);
    if (job.output === undefined && reader.kind === 'ova' && !overwrite)
      throw new CliError('usage', 'An archive is written anew to take the signature up', {
        hint: 'Give -o for another place, or --overwrite for the same.',
      });
    return await withOutputFiles({ overwrite, signal }, async (files) => {
      if (job.output === undefined && reader.kind === 'ovf') {
        await checkFiles(source, { report, signal });
        const place = join(path.toLowerCase().endsWith('.ovf') ? join(path, '..') : path, certificate.name);
        await files.write(place, certificate.read());
        return place;
      }
      const output = job.output ?? path;
      const target = { path: output, files, report };
      const { plan } = await planFrom(source, { storage: { form: 'keep' }, target });
      const others = plan.files.filter(({ name }) => name !== certificate.name);
      // after descriptor and manifest, and before everything else
      const at = isArchivePath(output) ? 2 : others.length;
      await writePackage({ ...plan, files: [...others.slice(0, at), certificate, ...others.slice(at)] }, target);
      return output;
    });
  } finally {
    await reader.close();
  }
}
