import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Inventory, Ref } from '@ovfkit/domain';
import type { ExportStaging } from '../export/export-staging.ts';
import { withoutPassword } from '../journal/identity.ts';
import type { ImportJob } from '../journal/job.ts';
import { forgetful } from '../journal/journal.ts';
import type { Trace, Traces } from '../journal/trace.ts';
import type { Report } from '../output/report.ts';
import { deadLeaseMs, findLeftOver, leftOverTexts, type Reached, removeLeftOver } from './left-over.ts';
import type { Target, TargetOptions } from './resolve-target.ts';

/** Which import a command is, what it was told, and the package it has. */
export type Claim = Pick<ImportJob, 'id' | 'fingerprint' | 'options'>;

/** The trace of this process. */
export interface OwnTrace {
  /** For temporary files; nobody has made it yet. */
  readonly folder: string;
  /** The same inventory, of which everything is written down that is about to be made. */
  tracing(inventory: Inventory): Inventory;
  /**
   * Says which import this is. What an earlier process of the same import has left is removed; what it has made whole, and could not say,
   * is the answer.
   */
  claim(job: Claim): Promise<Ref | undefined>;
  /** Nobody has to go on with what this process has made. */
  settle(): void;
  /** The trace goes, unless something is left to be removed or gone on with. */
  close(): Promise<void>;
}

export interface TraceScene extends Reached {
  readonly traces: Traces;
  readonly target: Target;
  /** As the command named the target. */
  readonly word: string;
  readonly options: TargetOptions;
  readonly via: Trace['via'];
  /** The content library that was asked for. */
  readonly library: string | undefined;
  /** Of an export; other sessions have a temporary folder. */
  readonly staging?: ExportStaging | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Begins the trace of this process, after a look at those of processes that are gone. Without a place for it things work all the same. */
export async function beginTrace(scene: TraceScene): Promise<OwnTrace> {
  try {
    return await begin(scene);
  } catch (error) {
    scene.signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const message = `What is begun cannot be written down, so that nobody finds what is left should it be killed: ${reason}`;
    scene.report.event({ type: 'warning', message });
    return begin({ ...scene, traces: forgetful() });
  }
}

async function begin(scene: TraceScene): Promise<OwnTrace> {
  const { traces, staging } = scene;
  await removeOld(scene);
  const folder = staging?.folder ?? join(tmpdir(), `.ovfkit-${randomUUID()}`);
  // what they have left at the target is gone on with, or goes with what this one leaves
  const before = staging?.job === undefined ? [] : (await deadTraces(scene)).filter(isOfExport(staging.job));
  let own: Trace = { ...newTrace(scene, folder), keys: before.flatMap(({ keys }) => keys) };
  let isDoubtful = before.length > 0;
  let isSettled = false;
  const lock = await traces.lock(own.id);
  const become = async (changes: Partial<Trace>): Promise<void> => {
    own = { ...own, ...changes };
    await traces.write(own);
  };
  const traced = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    if (!own.keys.includes(key)) await become({ keys: [...own.keys, key] });
    try {
      return await work();
    } catch (error) {
      isDoubtful = true;
      throw error;
    }
  };
  await become({});
  for (const { id } of before) await traces.remove(id);
  return {
    folder,
    tracing: (inventory) => ({
      ...inventory,
      create: (request, options) => traced(request.key, () => inventory.create(request, options)),
      stage: (staging, options) => traced(staging.prefix, () => inventory.stage(staging, options)),
    }),
    async claim(job) {
      const { whole, keys } = await takeOver(scene, job);
      await become({ job, keys: [...own.keys, ...keys] });
      for (const each of await tracesOf(scene, job)) if (each.id !== own.id) await traces.remove(each.id);
      return whole;
    },
    settle() {
      isSettled = true;
    },
    async close() {
      const isOpen = own.job !== undefined && !isSettled;
      if (!(isDoubtful || isOpen) || (await isOver(own, { ...scene, isOpen }))) await traces.remove(own.id);
      await lock.release();
    },
  };
}

const isOfExport =
  (job: string) =>
  ({ exportJob }: Trace): boolean =>
    exportJob === job;

const newTrace = ({ target, word, options, via, library, staging }: TraceScene, folder: string): Trace => {
  const { url, user, thumbprint } = target;
  const { ca } = options;
  return {
    v: 1,
    id: randomUUID(),
    createdAt: Date.now(),
    target: {
      word: withoutPassword(word),
      url,
      ...(user === undefined ? {} : { user }),
      ...(thumbprint === undefined ? {} : { thumbprint }),
      ...(ca === undefined ? {} : { ca: resolve(ca) }),
    },
    via,
    ...(library === undefined ? {} : { library }),
    ...(staging?.job === undefined ? { folder } : { exportJob: staging.job }),
    keys: [],
  };
};

/** Of processes that are gone, at the same target; what was left in a library is not seen without one. */
async function deadTraces({ traces, target, rest }: TraceScene): Promise<readonly Trace[]> {
  const all = await traces.list();
  const own = all.filter(({ target: { url, user }, via }) => {
    const isSeen = via === 'lease' || rest !== undefined;
    return isSeen && url === target.url && user === target.user;
  });
  const pids = await Promise.all(own.map(({ id }) => traces.lockedBy(id)));
  return own.filter((_, index) => pids[index] === undefined);
}

const tracesOf = async (scene: TraceScene, { id }: Claim): Promise<readonly Trace[]> =>
  (await deadTraces(scene)).filter(({ job }) => job?.id === id);

/** Whatever can go at once goes. What is still held, or cannot be looked at, stays for `ovfkit sessions gc`. */
async function removeOld(scene: TraceScene): Promise<void> {
  const { traces, report, signal, staging } = scene;
  for (const trace of await deadTraces(scene)) {
    if (staging?.job !== undefined && isOfExport(staging.job)(trace)) continue;
    try {
      const left = await findLeftOver(trace, { ...scene, signal });
      await removeLeftOver(left, { withinMs: 0, signal });
      tellRemoved(report, leftOverTexts(left));
      // the same import will want to know of it
      if (left.whole === undefined || trace.job === undefined) await traces.remove(trace.id);
    } catch {
      signal.throwIfAborted();
    }
  }
}

const tellRemoved = (report: Report, texts: readonly string[]): void => {
  if (texts.length === 0) return;
  report.event({ type: 'information', message: `Removed what a killed process had left: ${texts.join(', ')}.` });
};

/** What earlier processes of the same import have left gives way, however long it is held: the name is wanted again. */
async function takeOver(scene: TraceScene, claim: Claim): Promise<{ whole: Ref | undefined; keys: readonly string[] }> {
  const { report, signal } = scene;
  const keys: string[] = [];
  let whole: Ref | undefined;
  for (const trace of await tracesOf(scene, claim)) {
    const left = await findLeftOver(trace, { ...scene, signal });
    if (left.there.length > 0)
      report.event({ type: 'information', message: 'An earlier attempt was killed; what it left is removed first.' });
    await removeLeftOver(left, { withinMs: deadLeaseMs, signal });
    tellRemoved(report, leftOverTexts(left));
    if (left.whole === undefined || trace.job?.fingerprint !== claim.fingerprint) continue;
    whole = left.whole;
    keys.push(...trace.keys);
  }
  return { whole, keys };
}

const lastLookMs = 10_000;

/** Whether nothing has to be removed, nor, of an import that is open, gone on with. One that cannot be asked for may well be there. */
async function isOver(trace: Trace, { isOpen, ...reached }: Reached & { readonly isOpen: boolean }): Promise<boolean> {
  try {
    const { there, whole } = await findLeftOver(trace, { ...reached, signal: AbortSignal.timeout(lastLookMs) });
    return there.length === 0 && !(isOpen && whole !== undefined);
  } catch {
    return false;
  }
}
