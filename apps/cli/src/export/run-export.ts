import { type SessionBackend, SessionError } from '@ovfkit/domain';
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
import { choose } from '../import/candidate.ts';
import { exportJobIdOf, exportJobOptionsOf } from '../journal/identity.ts';
import type { ExportJob } from '../journal/job.ts';
import type { JobScene } from '../journal/job-run.ts';
import { howToGiveUp, howToGoOn, unkept, whileLocked } from '../journal/while-locked.ts';
import { progressTo } from '../output/progress.ts';
import type { Report } from '../output/report.ts';
import { findLibrary } from '../source/library-item.ts';
import { type Connection, withConnection } from '../target/connection.ts';
import { chooseMachine, findMachine } from '../target/inventory-path.ts';
import { resolveTarget, type Target } from '../target/resolve-target.ts';
import { continuationOf, type ExportOutcome, findExportJob, finishedOf, newExportJob, sinkOf } from './export-job.ts';
import { checkTarget, type ExportOptions } from './export-options.ts';
import { bootOf, isStaged, removeStaging, stagingOf } from './export-staging.ts';

type TransferSource = TransferOptions['source'];

/** What to export. A target that lists no vApps takes the id as it is. */
async function chooseSource({ options: { source, vapp }, scene, target }: Work): Promise<TransferSource> {
  const { backend, signal } = scene;
  const { inventory, features } = backend;
  if (source === undefined) return { vmId: (await findMachine(inventory, target.path, { signal })).id };
  if (vapp && !features.vappList) return { vappId: source };
  if (!vapp) return { vmId: (await chooseMachine(inventory, { word: source, filter: {} }, { signal })).id };
  const candidates = (await inventory.vapp.list({}, { signal })).map(({ vapp: id, name }) => ({ id, name }));
  return { vappId: choose(source, { what: 'vApp', flag: 'its id in place of the name', candidates }).id };
}

async function openSink({ overwrite }: ExportOptions, output: string): Promise<PackageSink> {
  try {
    return await createFileSink(output, { overwrite: overwrite ? 'replace' : 'fail' });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'ALREADY_EXISTS') throw error;
    const hint = overwrite ? 'Choose another path.' : 'Choose another path, or give --overwrite.';
    throw new CliError('usage', error.message, { hint, cause: error });
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
    poll: connection.poll,
  };
  if (sink !== undefined) {
    const result = await exportPackage({ ...settings, target: sink, continuation: await continuationOf(scene, job) });
    return connection.via === 'session' ? result : { ...result, bytesReceived: connection.bytesMoved('received') };
  }
  if (connection.via !== 'session') return intoLibrary(work, settings.source);
  const item = await chooseItem(backend, options, signal);
  return exportToLibrary({ ...settings, ...item, continuation: await continuationOf(scene, job) });
}

/** Sessions of this process know no library of the target: it makes the item itself. */
async function intoLibrary(
  { options, connection, scene, job }: Work,
  { vmId, vappId = '' }: TransferSource,
): Promise<ExportOutcome> {
  const { name, description, flag } = options;
  const { signal } = scene;
  const { exportIntoLibrary, librariesOf } = await import('./into-library.ts');
  const rest = librariesOf(connection);
  const continuation = await continuationOf(scene, job);
  const result = await exportIntoLibrary(rest, {
    clientToken: job.clientToken,
    source: vmId === undefined ? { type: 'VirtualApp', id: vappId } : { type: 'VirtualMachine', id: vmId },
    ...(await chooseItem(rest, options, signal)),
    createSpec: {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(flag === undefined ? {} : { flags: [...flag] }),
    },
    signal,
  });
  await continuation.onDone(result);
  return result;
}

/** Everything was here when the process ended that had it. */
async function finish(exporting: Exporting, job: ExportJob): Promise<ExportOutcome> {
  const { backend, signal } = exporting.scene;
  const sink = await sinkOf(job);
  if (sink !== undefined) await finishExport(sink, job.files ?? []);
  if (job.sessionId !== undefined) await backend.exportSession.delete({ id: job.sessionId }, { signal });
  await endJob(exporting, job);
  return finishedOf(job);
}

/** The job as this connection has it: another one may have gone another way. */
async function currentJob({ options, connection: { via } }: Exporting, job: ExportJob): Promise<ExportJob> {
  const { own, ...rest } = job;
  if (via === 'session') return rest;
  const { library } = options;
  const boot = await bootOf();
  return {
    ...rest,
    own: { via, ...(library === undefined ? {} : { library }), ...(boot === undefined ? {} : { boot }) },
  };
}

/** What is on disk goes before nobody knows of it any more. */
async function endJob({ connection, scene: { journal } }: Exporting, job: ExportJob): Promise<void> {
  await connection.endSessions('gone');
  await removeStaging(job);
  await journal.remove(job.id);
}

/** Exports under a job that another process can go on with; the caller has its lock. */
async function exportAsJob(exporting: Exporting, id: string): Promise<ExportOutcome> {
  const { options, scene, connection } = exporting;
  const { report, signal } = scene;
  const left = await findExportJob(scene, id);
  if (left?.outcome !== undefined) return finish(exporting, left);
  const job = await currentJob(exporting, left ?? newExportJob({ id, options: exportJobOptionsOf(options) }));
  const { output } = options;
  const sink =
    left !== undefined ? await sinkOf(left) : output === undefined ? undefined : await openSink(options, output);
  try {
    const outcome = await exportTo({ ...exporting, job, sink });
    await endJob(exporting, job);
    return outcome;
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    if (scene.isResumable(failure)) {
      await connection.endSessions('left');
      report.event({ type: 'information', message: howToGoOn({ id, what: 'export' }) });
    } else {
      await sink?.discard();
      const isLeft = connection.via === 'session' && (await scene.journal.read(id))?.givenUp;
      if (isLeft) report.event({ type: 'information', message: howToGiveUp({ id }) });
      else await endJob(exporting, job);
    }
    throw error;
  }
}

/** Of what was staged before the machine started anew nobody knows whether the disk has it. */
async function dropUnsure({ journal }: Pick<JobScene, 'journal'>, id: string): Promise<void> {
  const job = await journal.read(id);
  if (job?.kind === 'export' && job.own !== undefined && !(await isStaged(job))) await removeStaging(job);
}

/** Exports a virtual machine or a vApp, or goes on with an export of the same to the same place. */
export async function runExport(
  context: Context,
  { options, report }: { readonly options: ExportOptions; readonly report: Report },
): Promise<ExportOutcome> {
  checkTarget(options);
  const { onInterrupt, from } = options;
  const resolved = await resolveTarget(from, { config: context.config, options });
  const id = options.job ?? exportJobIdOf(exportJobOptionsOf(options), resolved);
  return whileLocked(context, { id, what: 'export', report, onInterrupt }, async (keeping) => {
    await dropUnsure(keeping, id);
    const staging = stagingOf(options, keeping === unkept ? undefined : id);
    return withConnection(context, { target: from, resolved, options, report, staging }, (connection, target) => {
      const scene = { ...keeping, backend: connection.backend, report, signal: context.signal };
      return exportAsJob({ options, connection, target, scene }, id);
    });
  });
}
