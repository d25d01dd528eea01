import { Command } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { withTargetOptions } from './target-options.ts';

const onTarget = (name: string) =>
  withTargetOptions(new Command(name).requiredOption('--on <target>', 'name or URL of the target'));

/** `ovfkit sessions list|show|abort`. */
export function sessionsCommand(context: Context) {
  const list = onTarget('list')
    .description('Lists the import and export sessions of the user, where the target can.')
    .option('--json', 'JSON on stdout')
    .action(async (options) => (await import('../actions/sessions.ts')).listSessions(context, options));
  const show = onTarget('show')
    .description('Shows a session: state, files, what went wrong.')
    .argument('<id>', 'id of the session')
    .option('--json', 'JSON on stdout')
    .action(async (id, options) => (await import('../actions/sessions.ts')).showSession(context, { id, ...options }));
  const abort = onTarget('abort')
    .description('Ends a session and removes what it has kept or half made.')
    .argument('<id>', 'id of the session')
    .action(async (id, options) => (await import('../actions/sessions.ts')).abortSession(context, { id, ...options }));
  return new Command('sessions')
    .description('Shows and ends the sessions of a target.')
    .addCommand(list)
    .addCommand(show)
    .addCommand(abort);
}
