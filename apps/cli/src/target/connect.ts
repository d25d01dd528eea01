import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import type { Context } from '../context.ts';
import type { Report } from '../output/report.ts';
import { version } from '../version.ts';
import { credentialsOf, resolveTarget, type Target, type TargetOptions } from './resolve-target.ts';

/** How to reach a target, in whatever it speaks. @throws CliError when user or password are missing */
export function accessOf(target: Target) {
  const { url, thumbprint, ca } = target;
  return {
    url,
    ...credentialsOf(target),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(ca === undefined ? {} : { ca }),
    userAgent: `ovfkit/${version}`,
  };
}

/** Whom a connection obeys, and who hears of what is tried again. */
export interface Calling {
  readonly signal: AbortSignal;
  readonly report?: Report | undefined;
  /** Silence that ends a call or a transfer; a minute when absent. */
  readonly stallTimeoutMs?: number | undefined;
}

/** Logs in to a resolved target. Whoever connects closes. */
export async function connect(target: Target, { signal, report, stallTimeoutMs }: Calling): Promise<RestBackend> {
  return createRestBackend({
    ...accessOf(target),
    signal,
    stallTimeoutMs,
    onRetry: ({ operation: name, reason: { message: reason }, inMs }) =>
      report?.event({ type: 'retry', name, reason, inMs }),
  });
}

/** Runs `use` with a connection to the target a word means, and closes it in every ending. */
export async function withTarget<Result>(
  { config, signal }: Context,
  { target: word, options }: { readonly target: string; readonly options: TargetOptions },
  use: (backend: RestBackend, target: Target) => Promise<Result>,
): Promise<Result> {
  const target = await resolveTarget(word, { config, options });
  const backend = await connect(target, { signal, stallTimeoutMs: config.stallTimeoutMs() });
  try {
    return await use(backend, target);
  } finally {
    // logging out is a courtesy: what happened before it counts
    await backend.close().catch(() => undefined);
  }
}
