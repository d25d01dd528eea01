import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';

/** `ovfkit inspect PACKAGE`, also when only a package is given. */
export function inspectCommand(context: Context) {
  return new Command('inspect')
    .summary('show what is in a package')
    .description(
      'Shows what is in a package: systems, disks, networks, properties, options, and what is wrong with it.',
    )
    .argument('<package>', 'a folder, a descriptor (.ovf) or an archive (.ova)')
    .option('--json', 'one JSON object on stdout')
    .option('--option <id>', 'the figures of this deployment option, not of the default one')
    .option('--lax', 'forgive what many writers get wrong')
    .action(async (path, options) => {
      const { inspect } = await import('../actions/inspect.ts');
      await inspect(context, { path, ...options });
    });
}
