import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { inspectReport } from '../inspect-report.ts';
import { inspectPage } from '../output/inspect-page.ts';
import { type OpenedPackage, openWithDescriptor } from '../package.ts';

export interface InspectOptions {
  readonly path: string;
  readonly json?: true | undefined;
  readonly option?: string | undefined;
  readonly lax?: true | undefined;
}

async function open({ path, lax }: InspectOptions): Promise<OpenedPackage> {
  try {
    return await openWithDescriptor(path, { lax });
  } catch (error) {
    // `ovfkit imprt x.ova` comes here, for inspect is what runs without a command
    const isBareWord = /^[a-z-]+$/.test(path);
    if (isBareWord && error instanceof Error && error.message.includes('does not exist'))
      throw new CliError('usage', `${path} is neither a command nor a package`, { hint: 'See ovfkit --help.' });
    throw error;
  }
}

/** Shows what is in a package. */
export async function inspect({ output, config }: Context, options: InspectOptions): Promise<void> {
  const opened = await open(options);
  try {
    const facts = inspectReport(opened, options);
    if (options.json) return output.json(facts);
    const { style } = output;
    for (const line of inspectPage(facts, { descriptor: opened.descriptor, style, locale: config.locale }))
      output.line(line);
  } finally {
    await opened.reader.close();
  }
}
