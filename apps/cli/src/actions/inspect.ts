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
    if (isBareWord && error instanceof Error && error.message.includes('does not exist'))
      throw new CliError('usage', `${path} is neither a command nor a package`, { hint: 'See ovfkit --help.' });
    throw error;
  }
}

/** Shows what is in a package. */
export async function inspect({ output, config, signal }: Context, options: InspectOptions): Promise<void> {
  const opened = await open(options, signal);
  try {
    const facts = inspectReport(opened, { ...options, path: shownPath(options.path) });
    if (options.json) return output.json(facts);
    const page = { descriptor: opened.descriptor, style: output.style, locale: options.locale ?? config.locale };
    for (const line of inspectPage(facts, page)) output.line(line);
  } finally {
    await opened.reader.close();
  }
}
