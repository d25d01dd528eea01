import { Command, Option } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { hardwareTargets } from '../repair/hardware-target.ts';
import { algorithmOf, shaOption } from './package-options.ts';
import { caHelp, packageArgument } from './source-options.ts';

const help = `
Examples:
  ovfkit repair appliance.ova --dry-run
  ovfkit repair appliance.ova -o repaired.ova --for vsphere-7.0
  ovfkit repair edited/ -o appliance.ova --new-manifest
  ovfkit repair appliance.ova -o repaired.ova --no-nvram --sha 256
  curl -s https://files.lab.local/appliance.ova | ovfkit repair - -o - > repaired.ova`;

/** `ovfkit repair PACKAGE -o PATH`. */
export function repairCommand(context: Context) {
  return new Command('repair')
    .summary('mend order, tar format, manifest, sizes and hardware of a package')
    .description('Mends what tools get wrong about packages, and lists every change. Bytes of disks stay as they are.')
    .argument('<package>', packageArgument)
    .option(
      '-o, --output <path>',
      'the repaired package: an archive when it ends in .ova, else a folder; - is standard output',
    )
    .option('--dry-run', 'list the changes, write nothing')
    .addOption(new Option('--for <release>', 'make the hardware fit for a release').choices([...hardwareTargets]))
    .option('--hardware <version>', 'set the hardware version, such as vmx-15')
    .option('--no-nvram', 'leave the NVRAM out; an EFI guest may not start without it')
    .option('--new-manifest', 'take the bytes for right where the manifest says otherwise')
    .addOption(shaOption())
    .option('--overwrite', 'replace files that exist')
    .option('--ca <file>', caHelp)
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', help)
    .action(async (source, { sha, ...options }) => {
      const { repair } = await import('../actions/repair.ts');
      await repair(context, { source, algorithm: algorithmOf(sha), ...options });
    });
}
