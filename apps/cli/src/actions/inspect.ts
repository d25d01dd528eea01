import { PackageError } from '@ovfkit/package-format';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { inspectReport } from '../inspect-report.ts';
import { inspectPage } from '../output/inspect-page.ts';
import { type OpenedPackage, openWithDescriptor } from '../package.ts';
import { shownPath } from '../source/url.ts';

export interface InspectOptions {
  readonly path: string;
  readonly json?: true | undefined;
  readonly option?: string | undefined;
  readonly lax?: true | undefined;
  /** BCP 47 tag; that of the environment when absent. */
  readonly locale?: string | undefined;
  readonly ca?: string | undefined;
}

async function open({ path, lax, ca }: InspectOptions, signal: AbortSignal): Promise<OpenedPackage> {
  try {
    return await openWithDescriptor(path, { lax, ca, signal });
  } catch (error) {
    // `ovfkit imprt x.ova` comes here, for inspect is what runs without a command
    const isBareWord = /^[a-z-]+$/.test(path);
    if (isBareWord && error instanceof PackageError && error.code === 'CANNOT_READ')
      throw new CliError('usage', `${path} is neither a command nor a package`, { hint: 'See ovfkit --help.' });
    throw error;
  }
}

/** A person reads texts in a language, so there is always one; programs get what stands in the descriptor. */
function localeFor({ descriptor }: OpenedPackage, { json, locale }: InspectOptions, own: string | undefined) {
  return locale ?? (json ? undefined : (own ?? descriptor.bundles[0]?.locale ?? 'en-US'));
}

/** Shows what is in a package. */
export async function inspect({ output, config, signal }: Context, options: InspectOptions): Promise<void> {
  const opened = await open(options, signal);
  try {
    const locale = localeFor(opened, options, config.locale);
    const report = inspectReport(opened, { path: shownPath(options.path), option: options.option, locale });
    if (options.json) return output.json(report);
    for (const line of inspectPage(report, output)) output.line(line);
  } finally {
    await opened.reader.close();
  }
}
