import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { collect } from '../arguments.ts';
import type { Context } from '../context.ts';
import { caHelp, packageArgument } from './source-options.ts';

const help = `
Examples:
  ovfkit verify appliance.ova
  ovfkit verify https://files.lab.local/appliance.ova --json
  ovfkit verify appliance.ova --roots vendor-ca.pem --require-signature
  ovfkit verify appliance.ova --deep
  xz -dc appliance.ova.xz | ovfkit verify -

Exit codes: 0 sound, 3 made badly, 4 a digest or the signature differs.`;

function readTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('It is a date such as 2024-05-31, or 2024-05-31T12:00:00Z.');
  return time;
}

/** `ovfkit verify PACKAGE`. */
export function verifyCommand(context: Context) {
  return new Command('verify')
    .summary('check structure, files, digests, signature and disks')
    .description(
      'Checks descriptor, references, sizes, digests, signature and the structure of disks, reading every byte once.',
    )
    .argument('<package>', packageArgument)
    .option('--json', 'one JSON object on stdout')
    .option('--deep', 'inflate every grain of every disk, also of those that a digest covers')
    .option('--lax', 'forgive what many writers get wrong')
    .option(
      '--roots <file>',
      "authorities (PEM) that signers may come from, in place of the system's; repeatable",
      collect,
    )
    .option('--at <time>', 'when certificates have to be valid, such as 2024-05-31; now otherwise', readTime)
    .option('--any-signer', 'warn only when the signer is not trusted; the signature must still fit')
    .option('--require-signature', 'a package that is not signed fails')
    .option('--ca <file>', caHelp)
    .addHelpText('after', help)
    .action(async (path, options) => {
      const { verify } = await import('../actions/verify.ts');
      await verify(context, { path, ...options });
    });
}
