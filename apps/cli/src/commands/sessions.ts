import { Command, Option } from '@commander-js/extra-typings';
import type { Context } from '../context.ts';
import { withTargetOptions, withViaOptions } from './target-options.ts';

/** What this machine began says itself where it is. */
const ofSession = (name: string) =>
  withTargetOptions(
    new Command(name)
      .argument('<id>', 'id of the session, or of the job as `list` shows it')
      .option('--on <target>', 'name or URL of the target; not needed for what was begun here'),
  );

function listCommand(context: Context) {
  return withTargetOptions(new Command('list').option('--on <target>', 'name or URL of the target'))
    .description(
      'Lists the imports and exports begun on this machine that have not ended; with --on all sessions of the user there.',
    )
    .option('--json', 'JSON on stdout')
    .action(async ({ on, ...options }) => {
      if (on !== undefined) await (await import('../actions/sessions.ts')).listSessions(context, { on, ...options });
      else await (await import('../actions/jobs.ts')).listJobs(context, options);
    });
}

function resumeCommand(context: Context) {
  const resume = new Command('resume')
    .description(
      'Goes on with an import or export that was killed or lost its target: what arrived is not sent again. At a target without sessions what is left is removed, and it begins anew.',
    )
    .argument('<id>', 'id of the import or export, or of its session');
  return withViaOptions(resume)
    .addOption(new Option('--on-interrupt <what>', 'as for import').choices(['abort', 'keep']))
    .option('--json', 'JSON lines on stdout')
    .action(async (id, options) => (await import('../actions/jobs.ts')).resumeJob(context, { id, ...options }));
}

/** `ovfkit sessions list|show|attach|resume|abort|gc`. */
export function sessionsCommand(context: Context) {
  const show = ofSession('show')
    .description('Shows a session: state, files, what went wrong.')
    .option('--json', 'JSON on stdout')
    .action(async (id, options) => (await import('../actions/sessions.ts')).showSession(context, { id, ...options }));
  const attach = ofSession('attach')
    .description('Watches a session to its end; Ctrl-C stops the watching and nothing else.')
    .option('--json', 'JSON lines on stdout')
    .action(async (id, options) =>
      (await import('../actions/session-end.ts')).attachSession(context, { id, ...options }),
    );
  const abort = ofSession('abort')
    .description('Ends a session and removes what it has kept or half made.')
    .action(async (id, options) =>
      (await import('../actions/session-end.ts')).abortSession(context, { id, ...options }),
    );
  const gc = new Command('gc')
    .description('Removes imports and exports begun on this machine that nobody can go on with any more.')
    .option('--dry-run', 'only list them')
    .option('--json', 'JSON on stdout')
    .action(async (options) => (await import('../actions/collect.ts')).collectJobs(context, options));
  return new Command('sessions')
    .description('Shows, goes on with and ends imports, exports and sessions.')
    .addCommand(listCommand(context))
    .addCommand(show)
    .addCommand(attach)
    .addCommand(resumeCommand(context))
    .addCommand(abort)
    .addCommand(gc);
}
