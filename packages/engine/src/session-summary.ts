import type { SessionSummary } from '@ovfkit/domain';
import type { Core } from './core.ts';

/** One line for each session whose time is not over, but for those that stand behind calls of another service. */
export function summarizeLiving(
  { clock }: Pick<Core, 'clock'>,
  sessions: readonly (SessionSummary & { readonly behind?: string })[],
): readonly SessionSummary[] {
  const now = clock();
  return sessions
    .filter(({ expiresAt, behind }) => expiresAt > now && behind === undefined)
    .map(({ id, state, progress, createdAt, expiresAt }) => ({ id, state, progress, createdAt, expiresAt }));
}
