import { readFile } from 'node:fs/promises';
import type { SigningIdentity } from '@ovfkit/package-format/node';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { reported } from '../output/reported.ts';
import { checkOutput } from '../pack/deliver.ts';
import { signPackage } from '../sign/sign-package.ts';

export interface SignOptions {
  readonly source: string;
  readonly output?: string | undefined;
  readonly key?: string | undefined;
  readonly cert?: string | undefined;
  readonly p12?: string | undefined;
  readonly passphraseStdin?: true | undefined;
  readonly algorithm: 'SHA256' | 'SHA384' | 'SHA512';
  readonly overwrite?: true | undefined;
  readonly json?: true | undefined;
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new CliError('usage', `${path} cannot be read`, { cause, hint: 'Check the path.' });
  }
}

/** Standard input is one thing only, and so is standard output. */
function checkStreams(options: SignOptions): void {
  checkOutput(options);
  if (options.source === '-' && options.passphraseStdin)
    throw new CliError('usage', 'Package and passphrase cannot both come from standard input', {
      hint: 'Give the passphrase in OVFKIT_KEY_PASSPHRASE.',
    });
}

async function identityOf({ config, readInput }: Context, options: SignOptions): Promise<SigningIdentity> {
  const { key, cert, p12, algorithm } = options;
  const passphrase = options.passphraseStdin ? (await readInput()).replace(/\r?\n$/, '') : config.keyPassphrase;
  if (p12 !== undefined && key === undefined && cert === undefined)
    return { pkcs12: await bytesOf(p12), passphrase, algorithm };
  if (key === undefined || cert === undefined || p12 !== undefined)
    throw new CliError('usage', 'A signature needs --key and --cert, or --p12', {
      hint: 'For trials: openssl req -x509 -newkey rsa:3072 -nodes -subj /CN=me -keyout me.key -out me.pem makes both.',
    });
  const chain = (await bytesOf(cert)).toString('utf8');
  return { key: (await bytesOf(key)).toString('utf8'), chain, passphrase, algorithm };
}

/** Signs the manifest of a package. */
export async function sign(context: Context, options: SignOptions): Promise<void> {
  const { source, output, overwrite, json } = options;
  checkStreams(options);
  await reported(context, {
    json,
    run: async (report) => {
      const identity = await identityOf(context, options);
      return signPackage(context, { source, output, identity, overwrite, report });
    },
    resultLine: (written) => ({ command: 'sign', source, output: written }),
    print: (written) =>
      written === '-' ? context.output.note('Written (signed)') : context.output.line(`${written} (signed)`),
  });
}
