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
    tellUnwritten(scene.report, error);
    return begin({ ...scene, traces: forgetful() });
  }
}

function tellUnwritten(report: Report, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `What is begun cannot be written down, so that nobody finds what is left should it be killed: ${reason}`;
  report.event({ type: 'warning', message });
}

async function begin(scene: TraceScene): Promise<OwnTrace> {
  const { traces } = scene;
  await removeOld(scene);
  const { page, folder, before } = await firstPage(scene);
  let isDoubtful = before.length > 0;
  let isBegun = false;
  let isSettled = false;
  const lock = await traces.lock(page.own().id); // one that nobody has is of a process that is gone
  page.write({});
  const traced = async <Result>(key: string, work: () => Promise<Result>): Promise<Result> => {
    const { keys } = page.own();
    if (!keys.includes(key)) page.write({ keys: [...keys, key] });
    await page.written();
    isBegun = true;
    try {
      return await work();
    } catch (error) {
      isDoubtful = true;
      throw error;
    }
  };
  await page.written(); // before there is a folder that nobody would know of
  for (const { id } of before) await traces.remove(id);
  return {
    folder,
    tracing: (inventory) => tracedBy(traced, inventory, createKeys(page.own().id)),
    claim: (job) => claim(scene, page, job),
    settle() {
      isSettled = true;
    },
    async close() {
      await page.written();
      const own = page.own();
      const isOpen = own.job !== undefined && !isSettled;
      const canBeThere = isBegun || own.keys.some((key) => key !== own.id);
      const isLookedFor = canBeThere && (isDoubtful || isOpen);
      if (!isLookedFor || (await isOver(own, { ...scene, isOpen }))) await traces.remove(own.id);
      await lock.release();
    },
  };
}

const isOfExport =
  (job: string) =>
  ({ exportJob }: Trace): boolean =>
    exportJob === job;

/** A trace on its way to the disk. */
interface Page {
  own(): Trace;
  /** Begins to write; what comes next waits for `written` where it has to be there before. */
  write(changes: Partial<Trace>): void;
  /** Everything so far is durable, or it was told that it is not. */
  written(): Promise<void>;
}

/** Writes beside what goes on: a disk that has much to do lets each write wait. */
function createPage({ traces, report }: TraceScene, first: Trace): Page {
  let own = first;
  let writing = Promise.resolve();
  const write = (changes: Partial<Trace>): void => {
    own = { ...own, ...changes };
    const entry = own;
    writing = writing.then(() => traces.write(entry)).catch((error: unknown) => tellUnwritten(report, error));
  };
  return { own: () => own, write, written: () => writing };
}

interface Begun {
  readonly page: Page;
  /** For temporary files. */
  readonly folder: string;
  /** Traces of the same export. */
  readonly before: readonly Trace[];
}

async function firstPage(scene: TraceScene): Promise<Begun> {
  const { staging } = scene;
  const folder = staging?.folder ?? join(tmpdir(), `.ovfkit-${randomUUID()}`);
  // what they have left at the target is gone on with, or goes with what this one leaves
  const before = staging?.job === undefined ? [] : (await deadTraces(scene)).filter(isOfExport(staging.job));
  const first = newTrace(scene, folder);
  const page = createPage(scene, { ...first, keys: [...first.keys, ...before.flatMap(({ keys }) => keys)] });
  return { page, folder, before };
}

/** Runs work once its key is written down. */
type Traced = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

const tracedBy = (traced: Traced, inventory: Inventory, keyOf: (key: string) => string): Inventory => ({
  ...inventory,
  create: (request, options) => {
    const key = keyOf(request.key);
    return traced(key, () => inventory.create({ ...request, key }, options));
  },
  discard: (key, options) => inventory.discard(keyOf(key), options),
  stage: (staging, options) => traced(staging.prefix, () => inventory.stage(staging, options)),
});

async function claim(scene: TraceScene, { own, write, written }: Page, job: Claim): Promise<Ref | undefined> {
  const { whole, keys } = await takeOver(scene, job);
  write({ job, keys: [...own().keys, ...keys] });
  const others = (await tracesOf(scene, job)).filter(({ id }) => id !== own().id);
  if (others.length > 0) await written();
  for (const { id } of others) await scene.traces.remove(id);
  return whole;
}

/**
 * The first thing to be made gets the key that is written down at the beginning, so that nothing waits for the disk when it is made; each
 * other one has its own.
 */
function createKeys(first: string): (key: string) => string {
  const keys = new Map<string, string>();
  return (key) => {
    const known = keys.get(key) ?? (keys.size === 0 ? first : key);
    keys.set(key, known);
    return known;
  };
}

const newTrace = ({ target, word, options, via, library, staging }: TraceScene, folder: string): Trace => {
  const { url, user, thumbprint } = target;
  const { ca } = options;
  const id = randomUUID();
  return {
    v: 1,
    id,
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
    keys: staging === undefined ? [id] : [],
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
      await removeLeftOver(left, { withinMs: 0, signal, onHeld: () => {} });
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
    const onHeld = (message: string): void => report.event({ type: 'information', message });
    await removeLeftOver(left, { withinMs: deadLeaseMs, signal, onHeld });
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
