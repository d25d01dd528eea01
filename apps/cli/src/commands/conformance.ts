import { Command } from '@commander-js/extra-typings';
import { collect } from '../arguments.ts';
import type { Context } from '../context.ts';
import { withTargetOptions } from './target-options.ts';

const help = `
Examples:
  ovfkit conformance --to lab
  ovfkit conformance --to lab --only 3.5
  ovfkit conformance --to lab --reader lab-viewer --session-timeout 60 --json

Everything that is made, virtual machines called conformance-… above all, is removed in the end, also after Ctrl-C.
Exit codes: 0 every rule that could be tried is kept, 4 one is broken.`;

/** `ovfkit conformance --to TARGET`. */
export function conformanceCommand(context: Context) {
  return withTargetOptions(new Command('conformance').requiredOption('--to <target>', 'name or URL of the target'))
    .summary('try the OVF session API of a target, rule by rule')
    .description(
      'Tries the OVF session API of a target rule by rule, by plain requests; tells what is kept, broken and not offered.',
    )
    .option(
      '--only <what>',
      'a rule, the beginning of its name up to a dot, or a section such as 3 or 3.5; repeatable',
      collect,
    )
    .option('--reader <target>', 'the same target as a user who may only read, for the rules about privileges')
    .option('--session-timeout <seconds>', 'idle time after which the target forgets sessions, for the rules about it')
    .option('--pull-address <address>', 'address of this machine as the target reaches it (that of the connection)')
    .option('--no-pull-address', 'open no port here, and leave out what the target would fetch')
    .option('--json', 'JSON lines on stdout')
    .addHelpText('after', help)
    .action(async (options) => (await import('../actions/conformance.ts')).conformance(context, options));
}
