import type { SessionSummary } from '@ovfkit/domain';

/** One line of a list of sessions. */
export const summarize = ({ id, state, progress, createdAt, expiresAt }: SessionSummary): SessionSummary => ({
  id,
  state,
  progress,
  createdAt,
  expiresAt,
});
