import { type InventoryServices, type SessionBackend, SessionError } from '@ovfkit/domain';
import type { RestBackend } from '@ovfkit/rest';
import {
  createFileSink,
  exportPackage,
  exportToLibrary,
  finishExport,
  type PackageSink,
  type ExportOptions as TransferOptions,
} from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Candidate, choose } from '../import/placement.ts';
import { exportJobIdOf, exportJobOptionsOf } from '../journal/identity.ts';
import type { ExportJob } from '../journal/job.ts';
import type { JobScene } from '../journal/job-run.ts';
import { howToGoOn, whileLocked } from '../journal/while-locked.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { findLibrary } from '../source/library-item.ts';
import { requireSessionApi, withTarget } from '../target/connect.ts';
import { continuationOf, type ExportOutcome, findExportJob, finishedOf, newExportJob, sinkOf } from './export-job.ts';
import { checkTarget, type ExportOptions } from './export-options.ts';

async function candidatesOf(
  { vm, vapp }: InventoryServices,
  { kind, signal }: { readonly kind: 'vm' | 'vapp'; readonly signal: AbortSignal },
): Promise<readonly Candidate[]> {
  if (kind === 'vm') return (await vm.list({}, { signal })).map(({ vm: id, name }) => ({ id, name }));
  return (await vapp.list({}, { signal })).map(({ vapp: id, name }) => ({ id, name }));
}

type TransferSource = TransferOptions['source'];

/** What to export. A target that lists no vApps takes the id as it is. */
async function chooseSource(
  { source, vapp }: ExportOptions,
  { inventory, features, signal }: Pick<SessionBackend, 'inventory' | 'features'> & { signal: AbortSignal },
): Promise<TransferSource> {
  if (vapp && !features.vappList) return { vappId: source };
  const kind = vapp ? 'vapp' : 'vm';
  const candidates = await candidatesOf(inventory, { kind, signal });
  const { id } = choose(source, {
    what: vapp ? 'vApp' : 'virtual machine',
    flag: 'its id in place of the name',
    candidates,
  });
  return vapp ? { vappId: id } : { vmId: id };
}

async function openSink({ overwrite }: ExportOptions, output: string): Promise<PackageSink> {
  try {
    return await createFileSink(output, { overwrite: overwrite ? 'replace' : 'fail' });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'ALREADY_EXISTS') throw error;
    throw new CliError('usage', error.message, { hint: 'Choose another path, or give --overwrite.', cause: error });
  }
}

/** The library, and with `--overwrite` its item of that name when it has one. */
async function chooseItem(
  backend: SessionBackend,
  { toLibrary = '', name, overwrite }: ExportOptions,
  signal: AbortSignal,
): Promise<{ readonly library: string; readonly item?: string }> {
  const library = await findLibrary(backend, toLibrary, { signal });
  if (!overwrite || name === undefined) return { library };
  const [item] = await backend.contentLibrary.item.find({ spec: { libraryId: library, name } }, { signal });
  return item === undefined ? { library } : { library, item };
}

interface Work {
  readonly options: ExportOptions;
  readonly scene: JobScene;
  readonly job: ExportJob;
  /** Nothing for a library. */
  readonly sink: PackageSink | undefined;
}

async function exportTo({ options, scene, job, sink }: Work): Promise<ExportOutcome> {
  const { backend, report, signal } = scene;
  const { inventory, features } = backend;
  const source = await chooseSource(options, { inventory, features, signal });
  const settings = {
    backend,
    source,
    flags: options.flag,
    name: options.name,
    description: options.description,
    signal,
    onProgress: progressTo(report),
  };
  if (sink !== undefined)
    return exportPackage({ ...settings, target: sink, continuation: await continuationOf(scene, job) });
  const item = await chooseItem(backend, options, signal);
  return exportToLibrary({ ...settings, ...item, continuation: await continuationOf(scene, job) });
}

/** Everything was here when the process ended that had it. */
async function finish({ journal, backend, signal }: JobScene, job: ExportJob): Promise<ExportOutcome> {
  const sink = await sinkOf(job);
  if (sink !== undefined) await finishExport(sink, job.files ?? []);
  if (job.sessionId !== undefined) await backend.exportSession.delete({ id: job.sessionId }, { signal });
  await journal.remove(job.id);
  return finishedOf(job);
}

/** Exports under a job that another process can go on with; the caller has its lock. */
async function exportAsJob(options: ExportOptions, { scene, id }: { scene: JobScene; id: string }) {
  const { journal, report, signal } = scene;
  const left = await findExportJob(scene, id);
  if (left?.outcome !== undefined) return finish(scene, left);
  const job = left ?? newExportJob({ id, options: exportJobOptionsOf(options) });
  const { output } = options;
  const sink =
    left !== undefined ? await sinkOf(left) : output === undefined ? undefined : await openSink(options, output);
  try {
    const outcome = await exportTo({ options, scene, job, sink });
    await journal.remove(id);
    return outcome;
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    if (scene.isResumable(failure)) report.event({ type: 'information', message: howToGoOn({ id, what: 'export' }) });
    else {
      await sink?.discard();
      await journal.remove(id);
    }
    throw error;
  }
}

/** Exports a virtual machine or a vApp, or goes on with an export of the same to the same place. */
export function runExport(
  context: Context,
  { options, report }: { readonly options: ExportOptions; readonly report: Report },
): Promise<ExportOutcome> {
  checkTarget(options);
  return withTarget(context, { target: options.from, options }, (backend: RestBackend, target) => {
    requireSessionApi(backend);
    const id = options.job ?? exportJobIdOf(exportJobOptionsOf(options), target);
    const { onInterrupt } = options;
    return whileLocked(context, { id, what: 'export', report, onInterrupt }, (keeping) =>
      exportAsJob(options, { scene: { ...keeping, backend, report, signal: context.signal }, id }),
    );
  });
}
