import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';

const help = `
Examples:
  ovfkit convert root.raw root.vmdk
  ovfkit convert appliance-disk1.vmdk root.qcow2
  ovfkit convert root.img disk.bin --to streamOptimized --level 1`;

function readLevel(text: string): number {
  if (/^[1-9]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 9.');
}

/** `ovfkit convert SOURCE TARGET`. */
export function convertCommand(context: Context) {
  return new Command('convert')
    .summary('convert a disk')
    .description('Converts a disk between raw, streamOptimized VMDK and qcow2; stretches of zeros take no room.')
    .argument('<source>', 'raw, qcow2, or a VMDK')
    .argument('<target>', 'the new disk; .vmdk, .qcow2, .raw and .img say what it is')
    .addOption(new Option('--to <format>', 'what it becomes').choices(['raw', 'streamOptimized', 'qcow2']))
    .addOption(
      new Option('--from <format>', 'what it is, if its first bytes are not to tell').choices([
        'raw',
        'streamOptimized',
        'monolithicSparse',
        'qcow2',
      ]),
    )
    .option('--level <level>', 'compression of a VMDK, 1 (fast) to 9 (small)', readLevel)
    .option('--overwrite', 'replace a file that exists')
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', help)
    .action(async (source, target, options) => {
      const { convert } = await import('../actions/convert.ts');
      await convert(context, { source, target, ...options });
    });
}
