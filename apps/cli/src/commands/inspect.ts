import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { caHelp, packageArgument } from './source-options.ts';

const help = `
Examples:
  ovfkit appliance.ova
  ovfkit inspect https://files.lab.local/appliance.ova     reads a few ranges, not the archive
  ovfkit inspect appliance.ova --option large --locale de-DE
  xz -dc appliance.ova.xz | ovfkit inspect -`;

/** `ovfkit inspect PACKAGE`, also when only a package is given. */
export function inspectCommand(context: Context) {
  return new Command('inspect')
    .summary('show what is in a package')
    .description(
      'Shows what is in a package: systems, disks, networks, properties, options, and what is wrong with it.',
    )
    .argument('<package>', packageArgument)
    .addHelpText('after', help)
    .option('--json', 'one JSON object on stdout')
    .option('--option <id>', 'the figures of this deployment option, not of the default one')
    .option('--locale <tag>', 'language of labels and licences, such as de-DE')
    .option('--lax', 'forgive what many writers get wrong')
    .option('--ca <file>', caHelp)
    .action(async (path, options) => {
      const { inspect } = await import('../actions/inspect.ts');
      await inspect(context, { path, ...options });
    });
}
