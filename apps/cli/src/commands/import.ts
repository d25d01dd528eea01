import { Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect, collectPair } from '../arguments.ts';
import type { Context } from '../context.ts';
import { withTargetOptions } from './target-options.ts';

const help = `
Examples:
  ovfkit import appliance.ova --to lab
  ovfkit import appliance/ --to https://admin@127.0.0.1:8443 --thumbprint AB:CD:… -n web01 --accept-eula
  ovfkit import appliance.ova --to lab --net "A=VM Network" --net "B=Backend" --prop hostname=web01
  ovfkit import https://files.lab.local/appliance.ova --to lab --source-thumbprint 12:34:…
  curl -s https://files.lab.local/appliance.ova | ovfkit import - --to lab
  ovfkit import library:templates/appliance --to lab -n web01
  ovfkit import appliance.ova --to lab --dry-run

An import that was killed or lost its target goes on when the same command is run again: see ovfkit sessions.
Names of pools, folders, hosts, datastores and networks may be ids too; the only one there is, is the default.
OVF Tool's --net:A=B, --prop:K=V, -ds=NAME and -dm=thin are understood.`;

/** How the bytes get there, and what becomes of an import that does not end well. */
function withMovingOptions<Args extends unknown[], Options extends OptionValues>(command: Command<Args, Options>) {
  return command
    .option('--pull', 'the package is a URL and the target fetches it (the default for a URL)')
    .option(
      '--via-client',
      'send a package at a URL through this machine, in one pass (else only when the target cannot fetch it)',
    )
    .option('--source-thumbprint <hex>', 'SHA-1 thumbprint of the server the target fetches from')
    .option('--source-ca <file>', 'certificate authority (PEM) of the server a package is sent from, with --via-client')
    .addOption(
      new Option('--if-exists <what>', 'what to do when the name is taken, decided before anything is sent').choices([
        'fail',
        'skip',
        'replace',
        'rename',
      ]),
    )
    .addOption(
      new Option(
        '--on-interrupt <what>',
        'leave nothing behind, or a job to go on with (default: abort for Ctrl-C and SIGTERM, keep when the terminal closes)',
      ).choices(['abort', 'keep']),
    );
}

/** `ovfkit import PACKAGE --to TARGET`. */
export function importCommand(context: Context) {
  return withMovingOptions(
    withTargetOptions(
      new Command('import')
        .summary('create virtual machines from a package')
        .description('Creates the virtual machines of a package at a target, checking every digest on the way.')
        .argument(
          '<package>',
          'a folder, a descriptor (.ovf), an archive (.ova), an http(s) URL of one, library:LIBRARY/ITEM, or - for an archive on stdin',
        )
        .requiredOption('--to <target>', 'name or URL of the target')
        .option('-n, --name <name>', 'name of the virtual machine or vApp')
        .option('--net <source=target>', 'connect a network of the package; repeatable', collect)
        .option('--prop <key=value>', 'set a property; repeatable', collectPair)
        .option('--datastore <name>', 'datastore (-ds)')
        .addOption(
          new Option('--disk-mode <mode>', 'provisioning of the disks (-dm)').choices([
            'thin',
            'thick',
            'eagerZeroedThick',
          ]),
        )
        .option('--pool <name>', 'resource pool')
        .option('--folder <name>', 'folder of virtual machines')
        .option('--host <name>', 'host')
        .option('--deployment-option <id>', 'deployment option; see ovfkit inspect')
        .option('--options <file>', 'options file of govc or ovfkit (ovfkit spec); other options come before it')
        .option('--accept-eula', 'accept the licences of the package')
        .option('--any-signer', 'import though the target does not trust who signed the package')
        .option('--annotation <text>', 'annotation of the virtual machine')
        .option('--no-verify', 'do not check the manifest')
        .option('--lax', 'forgive what many writers get wrong in a descriptor')
        .option('--dry-run', 'check everything against the target, create nothing')
        .option('--json', 'JSON lines on stdout'),
    ),
  )
    .addHelpText('after', help)
    .action(async (source, options) => {
      const { importAction } = await import('../actions/import.ts');
      await importAction(context, { source, ...options });
    });
}
