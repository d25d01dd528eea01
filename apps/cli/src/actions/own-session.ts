import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { findOwnJob, findOwnTrace, targetOf } from '../journal/find-job.ts';
import type { TargetOptions } from '../target/resolve-target.ts';

export interface OneSessionOptions extends TargetOptions {
  readonly id: string;
  /** Not needed for what this machine began. */
  readonly on?: string | undefined;
  readonly json?: true | undefined;
}

/** The options of a job's target, unless the command says otherwise. */
export const trusting = (options: OneSessionOptions, job: Readonly<TargetOptions> | undefined): TargetOptions => ({
  user: options.user ?? job?.user,
  thumbprint: options.thumbprint ?? job?.thumbprint,
  ca: options.ca ?? job?.ca,
});

/** What nobody but its own process can do. */
export const ofProcess = (what: string, why: string): CliError =>
  new CliError('usage', `${what}: ${why}`, {
    hint: 'At a target without sessions an import or export is its process: end it with Ctrl-C or SIGTERM, and nothing is left.',
  });

/** A session by its own id or by that of its job, and where it is. @throws CliError when only its process has it; when nobody says where it is */
export async function sessionAt(
  context: Context,
  { options, what }: { readonly options: OneSessionOptions; readonly what: 'shown' | 'watched' },
): Promise<{ readonly id: string; readonly target: string; readonly options: TargetOptions }> {
  const job = await findOwnJob(context, options.id);
  const trace = job === undefined ? await findOwnTrace(context, options.id) : undefined;
  if (trace !== undefined)
    throw ofProcess(`${trace.job?.id ?? trace.id} cannot be ${what} from here`, `it is by ${trace.via}`);
  if (job?.kind === 'export' && job.own !== undefined)
    throw ofProcess(`${job.id} cannot be ${what} from here`, `it is by ${job.own.via}`);
  if (job !== undefined && job.sessionId === undefined)
    throw new CliError('usage', `${job.id} has no session yet`, {
      hint: `Go on with it, ovfkit sessions resume ${job.id}, or give it up: ovfkit sessions abort ${job.id}.`,
    });
  const id = job?.sessionId ?? options.id;
  return { id, target: targetOf(options, job), options: trusting(options, job?.options) };
}
