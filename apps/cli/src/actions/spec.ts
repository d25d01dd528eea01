import { resolveConfiguration } from '@ovfkit/package-format';
import type { Context } from '../context.ts';
import { openWithDescriptor } from '../package.ts';
import { govcOptions } from '../spec/govc-options.ts';

export interface SpecOptions {
  readonly path: string;
  readonly format: string;
  readonly option?: string | undefined;
  readonly hidden?: true | undefined;
  readonly verbose?: true | undefined;
  readonly locale?: string | undefined;
  readonly ca?: string | undefined;
}

/** Prints a deployment spec to fill in. */
export async function spec({ output, config, signal }: Context, options: SpecOptions): Promise<void> {
  const { path, option, ca } = options;
  const { reader, descriptor } = await openWithDescriptor(path, { lax: true, ca, signal });
  await reader.close();
  resolveConfiguration(descriptor, { option }); // refuses an unknown option
  const properties = options.hidden ? 'all' : 'settable';
  if (options.format === 'govc') {
    return output.json(
      govcOptions(descriptor, { option, properties, alternatives: options.verbose ? 'with' : 'without' }),
    );
  }
  const { deploymentSpec } = await import('../spec/deployment-spec.ts'); // loads zod
  output.json(deploymentSpec(descriptor, { option, properties, locale: options.locale ?? config.locale }));
}
