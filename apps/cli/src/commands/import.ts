import { Command, type CommandUnknownOpts, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect, collectPair, defaultWaitSeconds, parseSeconds } from '../arguments.ts';
import type { Context } from '../context.ts';
import { withTargetOptions, withViaOptions } from './target-options.ts';

const importHelp = `
Examples:
  ovfkit import appliance.ova --to lab
  ovfkit import appliance/ --to https://admin@127.0.0.1:8443 --thumbprint AB:CD:… -n web01 --accept-eula
  ovfkit import appliance.ova --to lab --net "A=VM Network" --net "B=Backend" --prop hostname=web01
  ovfkit import https://files.lab.local/appliance.ova --to lab --source-thumbprint 12:34:…
  curl -s https://files.lab.local/appliance.ova | ovfkit import - --to lab
  ovfkit import library:templates/appliance --to lab -n web01
  ovfkit import appliance.ova --to lab --dry-run
  ovfkit import appliance.ova --to vi://root@esxi.lab.local --via lease

An import that was killed or lost its target goes on when the same command is run again: see ovfkit sessions.
Names of pools, folders, hosts, datastores and networks may be ids too; the only one there is, is the default.
OVF Tool's --net:A=B, --prop:K=V, -ds=NAME and -dm=thin are understood.`;

const planHelp = `
Examples:
  ovfkit plan appliance.ova --to lab -n web01 --net "A=VM Network" --prop hostname=web01 --accept-eula
  ovfkit plan appliance.ova --to lab --deep --json

Takes the options of ovfkit import, looks at everything the import would depend on, and tells all that stands in its way.
Nothing is created, and no disk is sent. It ends the way the import would.`;

/** What is made, and where. */
function withChoices<Args extends unknown[], Options extends OptionValues>(command: Command<Args, Options>) {
  return command
    .option('-n, --name <name>', 'name of the virtual machine or vApp')
    .option(
      '--net <source=target>',
      'connect a network of the package, or all others with *=target; repeatable',
      collect,
    )
    .option('--prop <key=value>', 'set a property; repeatable', collectPair)
    .option('--datastore <name>', 'datastore (-ds)')
    .option('--disk-datastore <disk=name>', 'datastore of one disk, or of one group of disks; repeatable', collectPair)
    .addOption(
      new Option('--disk-mode <mode>', 'provisioning of the disks (-dm)').choices([
        'thin',
        'thick',
        'eagerZeroedThick',
      ]),
    )
    .option('--storage-policy <name>', 'storage policy of the disks')
    .option('--pool <name>', 'resource pool')
    .option('--cluster <name>', 'cluster: its own pool, or the one of it that --pool names')
    .option('--folder <name>', 'folder of virtual machines')
    .option('--host <name>', 'host')
    .option('--deployment-option <id>', 'deployment option; see ovfkit inspect')
    .option('--options <file>', 'options file of govc or ovfkit (ovfkit spec); other options come before it')
    .option('--accept-eula', 'accept the licences of the package')
    .option('--any-signer', 'import though the target does not trust who signed the package')
    .option('--annotation <text>', 'annotation of the virtual machine')
    .option('--no-verify', 'do not check the manifest')
    .option('--lax', 'forgive what many writers get wrong in a descriptor');
}

/** How the bytes get there. */
function withMoving<Args extends unknown[], Options extends OptionValues>(command: Command<Args, Options>) {
  return withViaOptions(command)
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
    );
}

/** What is done when the machines are there. */
function withAfterwards<Args extends unknown[], Options extends OptionValues>(command: Command<Args, Options>) {
  return command
    .option('--power-on', 'power on what was made')
    .addOption(
      new Option('--wait-for-ip [seconds]', 'power on, and wait for the address of the guest')
        .argParser(parseSeconds)
        .preset(String(defaultWaitSeconds)),
    )
    .option('--mark-as-template', 'make a template of it')
    .option(
      '--inject-ovf-env',
      'write the properties into guestinfo.ovfEnv, where guests on a single ESXi host look for them',
    );
}

const noTarget = "error: required option '--to <target>' not specified";

/** What an import can be told, and so what a plan of one can. */
function withImportOptions<Args extends unknown[], Options extends OptionValues>(command: Command<Args, Options>) {
  return withAfterwards(
    withMoving(
      withChoices(
        withTargetOptions(
          command
            .argument(
              '<package>',
              'a folder, a descriptor (.ovf), an archive (.ova), an http(s) URL of one, library:LIBRARY/ITEM, or - for an archive on stdin',
            )
            .option(
              '--to <target>',
              'name or URL of the target, or vi://user@host/DC/host/CLUSTER; that of GOVC_URL when absent',
            ),
        ),
      ),
    ),
  ).option('--json', 'JSON lines on stdout');
}

/** `ovfkit import PACKAGE --to TARGET`. */
export function importCommand(context: Context): CommandUnknownOpts {
  return withImportOptions(
    new Command('import')
      .summary('create virtual machines from a package')
      .description('Creates the virtual machines of a package at a target, checking every digest on the way.'),
  )
    .addOption(
      new Option(
        '--on-interrupt <what>',
        'leave nothing behind, or a job to go on with (default: abort for Ctrl-C and SIGTERM, keep when the terminal closes)',
      ).choices(['abort', 'keep']),
    )
    .option('--dry-run', 'only make the plan: the same as ovfkit plan')
    .addHelpText('after', importHelp)
    .action(async (source, options, command) => {
      const { importAction } = await import('../actions/import.ts');
      const to = options.to ?? context.config.govc?.url ?? command.error(noTarget);
      await importAction(context, { source, ...options, to });
    });
}

/** `ovfkit plan PACKAGE --to TARGET`. */
export function planCommand(context: Context): CommandUnknownOpts {
  return withImportOptions(
    new Command('plan')
      .summary('check an import against its target, create nothing')
      .description(
        'Checks everything an import depends on against the live target: names, networks, values, space, hardware.',
      ),
  )
    .option('--deep', 'read the package in full: every digest, every disk')
    .addHelpText('after', planHelp)
    .action(async (source, options, command) => {
      const { planAction } = await import('../actions/plan.ts');
      const to = options.to ?? context.config.govc?.url ?? command.error(noTarget);
      await planAction(context, { source, ...options, to });
    });
}
