import { Command, Option } from '@commander-js/extra-typings';
import { collect } from '../arguments.ts';
import type { Context } from '../context.ts';
import { isLocator } from '../target/locator.ts';
import { withTargetOptions, withViaOptions } from './target-options.ts';

const help = `
Examples:
  ovfkit export web01 --from lab -o web01.ova
  ovfkit export vm-101 --from lab -o web01/ --flag PRESERVE_MAC --flag EXTRA_CONFIG
  ovfkit export vi://root@esxi.lab.local/web01 -o web01.ova
  ovfkit export web01 --from lab --to-library templates --name appliance

An export that was killed or lost its target goes on when the same command is run again: see ovfkit sessions.`;

const noTarget = "error: required option '--from <target>' not specified";

/** `ovfkit export VM --from TARGET`, and `-o PATH` or `--to-library LIBRARY`. */
export function exportCommand(context: Context) {
  return withViaOptions(
    withTargetOptions(
      new Command('export')
        .summary('make a package of a virtual machine')
        .description(
          'Makes a package of a virtual machine or vApp, with a manifest that was checked against what arrived.',
        )
        .argument(
          '<vm>',
          'name or id of the virtual machine, or of the vApp with --vapp; or vi://user@host/DC/vm/NAME in place of both',
        )
        .option('--from <target>', 'name or URL of the target; that of GOVC_URL when absent')
        .option('-o, --output <path>', 'an archive when it ends in .ova, else a folder')
        .option('--to-library <library>', 'make it an item of this content library of the target, in place of -o')
        .option('--vapp', 'export a vApp')
        .option('--flag <flag>', 'PRESERVE_MAC, EXTRA_CONFIG, BIOS_UUID, IP, CDROM; repeatable', collect)
        .option('--name <name>', 'name of the package')
        .option('--description <text>', 'description of the package')
        .option('--overwrite', 'replace files that exist, or the item of that name')
        .addOption(
          new Option(
            '--on-interrupt <what>',
            'leave nothing behind, or a job to go on with (default: abort for Ctrl-C and SIGTERM, keep when the terminal closes)',
          ).choices(['abort', 'keep']),
        )
        .option('--json', 'JSON lines on stdout'),
    ),
  )
    .addHelpText('after', help)
    .action(async (source, options, command) => {
      const { exportAction } = await import('../actions/export.ts');
      if (isLocator(source) && options.from === undefined) return exportAction(context, { ...options, from: source });
      const from = options.from ?? context.config.govc?.url ?? command.error(noTarget);
      return exportAction(context, { source, ...options, from });
    });
}
