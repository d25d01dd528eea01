import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { version } from '../version.ts';
import { credentialsOf, resolveTarget, type Target, type TargetOptions } from './resolve-target.ts';

/** Logs in to a resolved target. Whoever connects closes. */
export async function connect(target: Target, signal: AbortSignal): Promise<RestBackend> {
  const { url, thumbprint, ca } = target;
  return createRestBackend({
    url,
    ...credentialsOf(target),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(ca === undefined ? {} : { ca }),
    userAgent: `ovfkit/${version}`,
    signal,
  });
}

/**
 * A target whose detection found nothing would answer a create with a 404 that could mean the resource pool as well.
 * @throws CliError
 */
export function requireSessionApi({ about }: RestBackend): void {
  if (about.sessionApi !== 'missing') return;
  throw new CliError('targetRefused', `${about.url} has no OVF session API`, {
    hint: 'Not every vCenter offers it: go through the content library, or use an ovfkitd.',
  });
}

/** Runs `use` with a connection to the target a word means, and closes it in every ending. */
export async function withTarget<Result>(
  { config, signal }: Context,
  { target: word, options }: { readonly target: string; readonly options: TargetOptions },
  use: (backend: RestBackend, target: Target) => Promise<Result>,
): Promise<Result> {
  const target = await resolveTarget(word, { config, options });
  const backend = await connect(target, signal);
  try {
    return await use(backend, target);
  } finally {
    // logging out is a courtesy: what happened before it counts
    await backend.close().catch(() => undefined);
  }
}
