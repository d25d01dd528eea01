import { sinkOf } from '../export/export-job.ts';
import { removeStaging } from '../export/export-staging.ts';
import type { Job } from './job.ts';
import type { Journal } from './journal.ts';

/** Removes a job and what it has on disk. A process that still works on it finds its session gone, and does so itself. */
export async function forgetJob(journal: Journal, job: Job): Promise<void> {
  const { id } = job;
  if ((await journal.lockedBy(id)) !== undefined) return;
  const lock = await journal.lock(id);
  try {
    const sink = job.kind === 'export' ? await sinkOf(job) : undefined;
    await sink?.discard();
    if (job.kind === 'export') await removeStaging(job);
    await journal.remove(id);
  } finally {
    await lock.release();
  }
}
