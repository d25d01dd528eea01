import type { Context } from '../context.ts';
import { isStaged } from '../export/export-staging.ts';
import { forgetJob } from '../journal/forget-job.ts';
import type { ExportJob } from '../journal/job.ts';
import { openJournal } from '../journal/journal.ts';
import { openTraces, type Trace } from '../journal/trace.ts';
import { deadLeaseMs, findLeftOver, leftOverTexts, removeLeftOver } from '../target/left-over.ts';
import type { Leftover } from './collect.ts';

interface Collecting {
  readonly job: ExportJob;
  readonly dryRun: true | undefined;
  /** `kept`: one that can go on stays. */
  readonly what: 'kept' | 'given up';
}

/**
 * Removes an export whose session was its process, which is gone: what it has staged and written, and what it has left at the target. It stays
 * where it can go on; of a machine that runs that takes its snapshot, which does not stay for that.
 */
export async function collectExport(context: Context, { job, dryRun, what }: Collecting): Promise<Leftover> {
  const { config } = context;
  const { id, own, outcome } = job;
  const journal = openJournal(config.jobs);
  const pid = await journal.lockedBy(id);
  if (pid !== undefined) return { id, removed: false, reason: `it runs, as process ${pid}` };
  const traces = (await openTraces(config).list()).filter(({ exportJob }) => exportJob === id);
  const left: LeftThere[] = [];
  for (const trace of traces) left.push(await collectThere(context, { trace, dryRun }));
  const isWhole = (await isStaged(job)) && left.every(({ hadSnapshot }) => !hadSnapshot);
  const texts = left.flatMap(({ texts: each }) => each);
  if (what === 'kept' && (outcome !== undefined || isWhole)) {
    const also = texts.length === 0 ? '' : `; left: ${texts.join(', ')}`;
    return { id, removed: false, reason: `it can go on: ovfkit sessions resume ${id} (by ${own?.via})${also}` };
  }
  if (!dryRun) await forgetJob(journal, job);
  const all = [...texts, 'what it has fetched'];
  return { id, removed: true, reason: `its process is gone, left: ${all.join(', ')}` };
}

interface LeftThere {
  readonly texts: readonly string[];
  readonly hadSnapshot: boolean;
}

async function collectThere(
  context: Context,
  { trace, dryRun }: { readonly trace: Trace; readonly dryRun: true | undefined },
): Promise<LeftThere> {
  const { signal, config, output } = context;
  const { target, via, id } = trace;
  const { reach } = await import('../target/reach.ts');
  return reach(context, { word: target.word, options: target, via }, async (reached) => {
    const left = await findLeftOver(trace, { ...reached, signal });
    if (!dryRun) {
      await removeLeftOver(left, { withinMs: deadLeaseMs, signal, onHeld: output.note });
      await openTraces(config).remove(id);
    }
    return { texts: leftOverTexts(left), hadSnapshot: left.there.some(({ kind }) => kind === 'snapshot') };
  });
}
