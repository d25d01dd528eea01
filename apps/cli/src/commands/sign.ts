import { Command, Option } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { packageArgument } from './source-options.ts';

const help = `
Examples:
  ovfkit sign appliance/ --key signer.key --cert signer.pem
  ovfkit sign appliance.ova -o signed.ova --p12 signer.p12

The passphrase of a key comes from OVFKIT_KEY_PASSPHRASE, or with --passphrase-stdin from standard input.`;

const algorithms = { '256': 'SHA256', '384': 'SHA384', '512': 'SHA512' } as const;

/** `ovfkit sign PACKAGE`. */
export function signCommand(context: Context) {
  return new Command('sign')
    .summary('sign the manifest of a package')
    .description(
      'Compares every digest, then signs the manifest: the signature and its certificates become the .cert file.',
    )
    .argument('<package>', packageArgument)
    .option('-o, --output <path>', 'the signed package, - is standard output; a folder is signed in place without it')
    .option('--key <file>', 'private key in PEM, RSA or EC')
    .option('--cert <file>', "certificates in PEM, the signer's and those between it and the root")
    .option('--p12 <file>', 'key and certificates in one PKCS#12 file')
    .option('--passphrase-stdin', 'read the passphrase of the key from standard input')
    .addOption(new Option('--sha <bits>', 'digest of the signature').choices(['256', '384', '512']).default('256'))
    .option('--overwrite', 'replace files that exist')
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', help)
    .action(async (source, { sha, ...options }) => {
      const { sign } = await import('../actions/sign.ts');
      const known = sha === '384' || sha === '512' ? sha : '256';
      await sign(context, { source, algorithm: algorithms[known], ...options });
    });
}
