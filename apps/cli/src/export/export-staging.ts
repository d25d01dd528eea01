import { randomUUID } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { isArchivePath } from '@ovfkit/package-format/node';
import type { ExportJob } from '../journal/job.ts';
import type { ExportOptions } from './export-options.ts';

/** Where bytes of an export rest on their way out of a target without sessions. */
export interface ExportStaging {
  readonly folder: string;
  /** Whose it is, so that another process can go on with it; nothing when nobody can. */
  readonly job: string | undefined;
  /** `direct` where files are linked to where they go: they are flushed while they come. What is copied from there is flushed as a copy. */
  readonly disk: 'direct' | 'passing';
}

/** Beside what is written, as there will have to be room anyway; nothing for a library. */
export function stagingOf(
  { output }: Pick<ExportOptions, 'output'>,
  job: string | undefined,
): ExportStaging | undefined {
  if (output === undefined) return undefined;
  return {
    folder: join(dirname(resolve(output)), `.ovfkit-${job ?? randomUUID()}`),
    job,
    disk: isArchivePath(output) ? 'passing' : 'direct',
  };
}

const stagingOfJob = ({ id, options }: Pick<ExportJob, 'id' | 'options'>) => stagingOf(options, id)?.folder;

/**
 * What is different after each start of the machine, as its disk may be: nothing waits until it has kept what is staged. Nothing where the
 * system does not tell.
 */
export async function bootOf(): Promise<string | undefined> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return text.trim() || undefined;
}

/** Whether what an earlier process has staged is there, and as it was written. */
export async function isStaged(job: Pick<ExportJob, 'id' | 'options' | 'own'>): Promise<boolean> {
  const folder = stagingOfJob(job);
  if (folder === undefined || job.own?.boot === undefined || job.own.boot !== (await bootOf())) return false;
  return stat(folder).then(
    () => true,
    () => false,
  );
}

/** Removes what was staged for a job. */
export async function removeStaging(job: Pick<ExportJob, 'id' | 'options'>): Promise<void> {
  const folder = stagingOfJob(job);
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
