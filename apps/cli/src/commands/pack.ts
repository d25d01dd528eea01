import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { parseSize } from '../size-option.ts';
import { algorithmOf, shaOption } from './package-options.ts';
import { caHelp, packageArgument } from './source-options.ts';

const packHelp = `
Examples:
  ovfkit pack appliance/ -o appliance.ova
  ovfkit pack appliance.ova -o small.ova --compress --sha 512
  ovfkit pack web01.yaml -o web01.ova                 of raw or qcow2 disks; docs/cli.md describes the file
  ovfkit pack db01.qcow2 -o db01.ova                  a small machine of one disk
  ovfkit pack appliance/ -o - | ssh lab 'cat > appliance.ova'`;

const unpackHelp = `
Examples:
  ovfkit unpack appliance.ova -o appliance/
  ovfkit unpack https://files.lab.local/appliance.ova -o appliance/ --plain
  curl -s https://files.lab.local/appliance.ova | ovfkit unpack - -o appliance/`;

/** `ovfkit pack PACKAGE -o PATH`. */
export function packCommand(context: Context) {
  return new Command('pack')
    .summary('make an archive of a folder, a description, or a disk')
    .description('Makes a package in the order the specification demands, every digest checked on the way.')
    .argument('<source>', 'a package, - for one from standard input, a description (.yaml), or a disk')
    .requiredOption('-o, --output <path>', 'an archive when it ends in .ova, else a folder; - is standard output')
    .addOption(shaOption())
    .option('--compress', 'compress the files with gzip')
    .option('--chunk-size <size>', 'cut files into pieces of this size, such as 2GiB', parseSize)
    .option('--overwrite', 'replace files that exist')
    .option('--lax', 'forgive what many writers get wrong')
    .option('--ca <file>', caHelp)
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', packHelp)
    .action(async (source, { sha, ...options }) => {
      const { pack } = await import('../actions/pack.ts');
      await pack(context, { source, algorithm: algorithmOf(sha), ...options });
    });
}

/** `ovfkit unpack PACKAGE -o FOLDER`. */
export function unpackCommand(context: Context) {
  return new Command('unpack')
    .summary('make a folder of an archive')
    .description('Makes a folder of a package, every digest checked on the way.')
    .argument('<package>', packageArgument)
    .requiredOption('-o, --output <folder>', 'made when it is not there')
    .addOption(shaOption())
    .option('--plain', 'undo compression and pieces')
    .option('--overwrite', 'replace files that exist')
    .option('--ca <file>', caHelp)
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', unpackHelp)
    .action(async (source, { sha, ...options }) => {
      const { unpack } = await import('../actions/pack.ts');
      await unpack(context, { source, algorithm: algorithmOf(sha), ...options });
    });
}
