import { type DigestAlgorithm, PackageError, readAll } from '@ovfkit/package-format';
import { maxTextSize } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Report } from '../output/report.ts';
import { openWithDescriptor } from '../package.ts';
import { withOutputFiles } from './output-files.ts';
import { type Planned, type PlanSource, planFrom, type Storage } from './plan.ts';
import { type PackageTarget, type WrittenPackage, writePackage } from './write-package.ts';

/** A package made of another one. */
export interface MakeOptions {
  readonly source: string;
  readonly output: string;
  readonly storage: Storage;
  readonly overwrite?: boolean | undefined;
  readonly lax?: boolean | undefined;
  readonly ca?: string | undefined;
  /** What to do about a descriptor with faults; `refuse` when absent. */
  readonly faults?: 'refuse' | 'allow' | undefined;
}

/** What was made. Sizes are bytes. */
export interface MadePackage {
  readonly output: string;
  readonly size: number;
  readonly algorithm?: DigestAlgorithm | undefined;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  readonly warnings: readonly string[];
}

/** @throws PackageError with the first fault, when the descriptor has any */
function refuseFaults({ descriptor }: Pick<PlanSource, 'descriptor'>): void {
  const errors = descriptor.findings.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  const { file, line, column } = first;
  throw new PackageError('DESCRIPTOR_INVALID', `${first.message}${more}`, { file, line, column });
}

/** Writes what was planned and removes what waited beside it. */
export async function writePlanned(planned: Planned, target: PackageTarget): Promise<MadePackage> {
  for (const message of planned.warnings) target.report.event({ type: 'warning', message });
  const { plan } = planned;
  const written: WrittenPackage = await writePackage(plan, target);
  await planned.release();
  return {
    output: target.path,
    size: written.size,
    algorithm: plan.algorithm,
    files: plan.files.map(({ name, size }) => ({ name, size })),
    warnings: planned.warnings,
  };
}

/** Opens a package that is read more than once. */
export async function openPlanSource(
  path: string,
  {
    signal,
    lax,
    ca,
  }: { readonly signal: AbortSignal; readonly lax?: boolean | undefined; readonly ca?: string | undefined },
): Promise<PlanSource> {
  if (path === '-')
    throw new CliError('usage', 'This command reads a package more than once; standard input cannot be', {
      hint: 'Save it to a file first.',
    });
  const { reader, descriptor } = await openWithDescriptor(path, { signal, lax, ca });
  const text = await readAll(reader.read(reader.descriptorName), maxTextSize);
  return { reader, descriptor, text };
}

/** Makes a package of another one: folder to archive, archive to folder, or either in another form. */
export async function makePackage(
  { signal }: Pick<Context, 'signal'>,
  { options, report }: { readonly options: MakeOptions; readonly report: Report },
): Promise<MadePackage> {
  const { source: path, output, storage, overwrite, lax, ca, faults = 'refuse' } = options;
  const source = await openPlanSource(path, { signal, lax, ca });
  try {
    if (faults === 'refuse') refuseFaults(source);
    return await withOutputFiles({ overwrite, signal }, async (files) => {
      const target: PackageTarget = { path: output, files, report };
      return writePlanned(await planFrom(source, { storage, target }), target);
    });
  } finally {
    await source.reader.close();
  }
}
