import type { DigestAlgorithm } from '@ovfkit/package-format';
import type { PackageStorage } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { deliver, type MadePackage } from './deliver.ts';
import { refuseFaults, withSource } from './package-source.ts';

/** A package made of another one, or of a description. */
export interface MakeOptions extends PackageStorage {
  readonly source: string;
  readonly output: string;
  readonly digest?: DigestAlgorithm | undefined;
  readonly overwrite?: boolean | undefined;
  readonly lax?: boolean | undefined;
  readonly ca?: string | undefined;
  /** What to do about a descriptor with faults; `refuse` when absent. */
  readonly faults?: 'refuse' | 'allow' | undefined;
}

/** Makes a package of another one: folder to archive, archive to folder, or either in another form. */
export async function makePackage(
  { signal }: Pick<Context, 'signal'>,
  { options, report }: { readonly options: MakeOptions; readonly report: Report },
): Promise<MadePackage> {
  const { source: path, output, overwrite, compression, chunkSize, digest, lax, ca, faults = 'refuse' } = options;
  return withSource({ path, output, lax, ca, report, signal }, async (source) => {
    if (faults === 'refuse') refuseFaults(source);
    return deliver(source.reader, { output, overwrite, compression, chunkSize, digest, report, signal });
  });
}
