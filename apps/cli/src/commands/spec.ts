import { Command, Option } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { caHelp, packageArgument } from './source-options.ts';

const help = `
Examples:
  ovfkit spec appliance.ova > options.json                  for govc import.ova -options, and for ovfkit
  ovfkit spec appliance.ova --format ovfkit > spec.json     with labels, types and licences
  ovfkit import appliance.ova --to lab --options spec.json`;

/** `ovfkit spec PACKAGE`. */
export function specCommand(context: Context) {
  return new Command('spec')
    .summary('print a deployment spec to fill in')
    .description('Prints networks, properties and options of a package as a file to fill in and import with.')
    .argument('<package>', packageArgument)
    .addOption(new Option('--format <format>', 'of the file').choices(['govc', 'ovfkit']).default('govc'))
    .option('--option <id>', 'values of this deployment option, not of the default one')
    .option('--hidden', 'include properties that are not meant to be set')
    .option('--verbose', "include every alternative, as govc's -verbose")
    .option('--locale <tag>', 'language of labels, such as de-DE')
    .option('--ca <file>', caHelp)
    .addHelpText('after', help)
    .action(async (path, options) => {
      const { spec } = await import('../actions/spec.ts');
      await spec(context, { path, ...options });
    });
}
