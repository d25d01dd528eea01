import { z } from 'zod';
import { Id, Long, structure } from '../structure.ts';

/** One session of a list; ovfkit's own. Times are milliseconds since 1970. */
export const SessionSummary = structure({
  id: Id,
  state: z.string(),
  progress: Long,
  createdAt: Long,
  expiresAt: Long,
});
