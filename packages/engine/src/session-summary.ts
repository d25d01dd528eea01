import type { SessionSummary } from '@ovfkit/domain';
import type { Core } from './core.ts';

/** One line for each session whose time is not over. */
export function summarizeLiving(
  { clock }: Pick<Core, 'clock'>,
  sessions: readonly SessionSummary[],
): readonly SessionSummary[] {
  const now = clock();
  return sessions
    .filter(({ expiresAt }) => expiresAt > now)
    .map(({ id, state, progress, createdAt, expiresAt }) => ({ id, state, progress, createdAt, expiresAt }));
}
