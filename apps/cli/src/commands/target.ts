import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { withTargetOptions } from './target-options.ts';

const help = `
Examples:
  ovfkit target add lab https://vcenter.lab.local --user administrator@vsphere.local --password-stdin < password.txt
  ovfkit target test lab`;

/** `ovfkit target add|list|test|remove`. */
export function targetCommand(context: Context) {
  const add = withTargetOptions(new Command('add'))
    .description('Remembers a target by a name; adding it again replaces it.')
    .argument('<name>', 'letters, digits, - and _')
    .argument('<url>', 'https://host or https://host:port')
    .option('--password-stdin', 'read the password from standard input and store it, readable by this user only')
    .action(async (name, url, options) =>
      (await import('../actions/target.ts')).addTarget(context, { name, url, ...options }),
    );
  const list = new Command('list')
    .description('Lists the targets.')
    .option('--json', 'JSON on stdout')
    .action(async (options) => (await import('../actions/target.ts')).listTargets(context, options));
  const test = withTargetOptions(new Command('test'))
    .description(
      'Tries each hop: name, connection, TLS, trust, login, vim25, session API, content library, inventory, privileges, hosts.',
    )
    .argument('<target>', 'name or URL of the target')
    .option('--json', 'JSON on stdout')
    .action(async (target, options) =>
      (await import('../actions/target-test.ts')).testTarget(context, { target, ...options }),
    );
  const remove = new Command('remove')
    .description('Forgets a target and its password.')
    .argument('<name>', 'name of the target')
    .action(async (name) => (await import('../actions/target.ts')).removeTarget(context, { name }));
  return new Command('target')
    .description('Remembers and tries targets.')
    .addHelpText('after', help)
    .addCommand(add)
    .addCommand(list)
    .addCommand(test)
    .addCommand(remove);
}
