import { dirname, resolve } from 'node:path';
import { type InventoryServices, type SessionBackend, SessionError } from '@ovfkit/domain';
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
import { howToGoOn, unkept, whileLocked } from '../journal/while-locked.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { findLibrary } from '../source/library-item.ts';
import { type Connection, withConnection } from '../target/connection.ts';
import { findMachine } from '../target/inventory-path.ts';
import type { Target } from '../target/resolve-target.ts';
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
async function chooseSource({ options: { source, vapp }, scene, target }: Work): Promise<TransferSource> {
  const { backend, signal } = scene;
  const { inventory, features } = backend;
  if (source === undefined) return { vmId: (await findMachine(inventory, target.path, { signal })).id };
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

interface Exporting {
  readonly options: ExportOptions;
  readonly connection: Connection;
  readonly target: Target;
  readonly scene: JobScene;
}

interface Work extends Exporting {
  readonly job: ExportJob;
  /** Nothing for a library. */
  readonly sink: PackageSink | undefined;
}

async function exportTo(work: Work): Promise<ExportOutcome> {
  const { options, connection, scene, job, sink } = work;
  const { backend, report, signal } = scene;
  const settings = {
    backend,
    source: await chooseSource(work),
    flags: options.flag,
    name: options.name,
    description: options.description,
    signal,
    onProgress: progressTo(report, connection),
  };
  if (sink !== undefined)
    return exportPackage({ ...settings, target: sink, continuation: await continuationOf(scene, job) });
  if (connection.via !== 'session') return intoLibrary(work, settings.source);
  const item = await chooseItem(backend, options, signal);
  return exportToLibrary({ ...settings, ...item, continuation: await continuationOf(scene, job) });
}

/** Sessions of this process know no library of the target: it makes the item itself. */
async function intoLibrary(
  { options, connection, scene }: Work,
  { vmId, vappId = '' }: TransferSource,
): Promise<ExportOutcome> {
  const { name, description, flag } = options;
  const { signal } = scene;
  const { exportIntoLibrary, librariesOf } = await import('./into-library.ts');
  const rest = librariesOf(connection);
  return exportIntoLibrary(rest, {
    source: vmId === undefined ? { type: 'VirtualApp', id: vappId } : { type: 'VirtualMachine', id: vmId },
    ...(await chooseItem(rest, options, signal)),
    createSpec: {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(flag === undefined ? {} : { flags: [...flag] }),
    },
    signal,
  });
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
async function exportAsJob(exporting: Exporting, id: string): Promise<ExportOutcome> {
  const { options, scene } = exporting;
  const { journal, report, signal } = scene;
  const left = await findExportJob(scene, id);
  if (left?.outcome !== undefined) return finish(scene, left);
  const job = left ?? newExportJob({ id, options: exportJobOptionsOf(options) });
  const { output } = options;
  const sink =
    left !== undefined ? await sinkOf(left) : output === undefined ? undefined : await openSink(options, output);
  try {
    const outcome = await exportTo({ ...exporting, job, sink });
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
  const { output, onInterrupt } = options;
  const folder = output === undefined ? undefined : dirname(resolve(output));
  return withConnection(context, { target: options.from, options, report, folder }, (connection, target) => {
    const { backend, via } = connection;
    const id = options.job ?? exportJobIdOf(exportJobOptionsOf(options), target);
    const exporting = { options, connection, target };
    const scene = { backend, report, signal: context.signal };
    // a session of this process ends with it: nothing is left to go on with
    if (via !== 'session') return exportAsJob({ ...exporting, scene: { ...unkept, ...scene } }, id);
    return whileLocked(context, { id, what: 'export', report, onInterrupt }, (keeping) =>
      exportAsJob({ ...exporting, scene: { ...keeping, ...scene } }, id),
    );
  });
}
