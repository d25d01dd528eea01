import { SessionError } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { withTarget } from './connect.ts';
import type { Target, TargetOptions } from './resolve-target.ts';

const none = (label: string, cause?: unknown): CliError =>
  new CliError('targetRefused', `${label} has no sessions: imports and exports there run in ovfkit itself`, {
    hint: 'They are seen where they run: ovfkit sessions list, without --on, shows those begun on this machine.',
    cause,
  });

/** Runs `use` at a target that has sessions of its own, and leaves it in every ending. @throws CliError at one that has none */
export async function withSessionsAt<Result>(
  context: Context,
  { target: word, options }: { readonly target: string; readonly options: TargetOptions },
  use: (backend: RestBackend, target: Target) => Promise<Result>,
): Promise<Result> {
  let isConnected = false;
  try {
    return await withTarget(context, { target: word, options }, (backend, target) => {
      isConnected = true;
      if (backend.about.sessionApi === 'missing') throw none(target.label);
      return use(backend, target);
    });
  } catch (error) {
    // an ESXi host has no REST API at all
    if (isConnected || !(error instanceof SessionError) || error.kind !== 'OPERATION_NOT_FOUND') throw error;
    throw none(word, error);
  }
}
