import { SessionError } from '@ovfkit/domain';
import type { ImportResult } from '@ovfkit/transfer';
import { type Afterwards, finishImport } from '../after/finish-import.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { isAboutName } from '../failure/session-failure.ts';
import { jobIdOf, jobOptionsOf } from '../journal/identity.ts';
import type { ImportJob } from '../journal/job.ts';
import { findJob, type JobRun, type JobScene, newJob, openJob } from '../journal/job-run.ts';
import { howToGiveUp, howToGoOn, unkept, whileLocked } from '../journal/while-locked.ts';
import { askTarget } from '../plan/ask-target.ts';
import { createNotes, refusalOf, throwErrors } from '../plan/notes.ts';
import { surveyTarget } from '../plan/survey.ts';
import type { Decision, Existing } from './existing.ts';
import { checkOptions } from './import-options.ts';
import { type ImportScene, withImportScene } from './import-scene.ts';
import { lookAt } from './look-at.ts';
import { move } from './move.ts';
import { withOptionsFile } from './options-file.ts';
import { choosePlacement, type LocatedPlacement } from './placement.ts';

/** What was made, as the end of an import tells it. */
export type Made = Pick<ImportResult, 'vmId' | 'vappId' | 'bytesSent' | 'bytesThere'> & {
  readonly sessionId?: string | undefined;
};

/** What came of an import. */
export type ImportOutcome =
  | {
      readonly kind: 'created';
      readonly made: Made;
      readonly messages?: ImportResult | undefined;
      readonly afterwards: Afterwards;
    }
  | { readonly kind: 'skipped'; readonly name: string; readonly existing: Existing };

/** Whether what a job made is still there. */
async function isThere({ backend, context }: ImportScene, { outcome }: ImportJob): Promise<boolean> {
  const { inventory, features } = backend;
  if (outcome?.vmId !== undefined) return (await inventory.vm.list({ vms: [outcome.vmId] }, context)).length > 0;
  if (outcome?.vappId === undefined || !features.vappList) return outcome?.vappId !== undefined;
  return (await inventory.vapp.list({ vapps: [outcome.vappId] }, context)).length > 0;
}

/** What an earlier process left to go on with. */
async function leftJob(scene: ImportScene, job: JobScene, id: string): Promise<ImportJob | undefined> {
  const { connection, looked, options, report } = scene;
  const made = await connection.claim({ id, fingerprint: looked.fingerprint, options: jobOptionsOf(options) });
  if (made !== undefined) {
    report.event({ type: 'information', message: 'An earlier attempt was killed when everything was there already.' });
    const outcome = made.type === 'VirtualApp' ? { vappId: made.id } : { vmId: made.id };
    return { ...newJob({ id, options: jobOptionsOf(options), fingerprint: looked.fingerprint }), outcome };
  }
  const left = await findJob(job, { id, fingerprint: looked.fingerprint });
  if (left?.outcome === undefined || (await isThere(scene, left))) return left;
  await job.journal.remove(id); // somebody deleted what was made
  return undefined;
}

interface MovedPackage {
  readonly kind: 'moved';
  readonly made: Made;
  readonly messages?: ImportResult;
  /** It was to have; nothing where nobody knows any more which one was free. */
  readonly name: string | undefined;
}

type Moved = MovedPackage | Extract<ImportOutcome, { kind: 'skipped' }>;

interface Identified {
  readonly id: string;
  readonly left: ImportJob | undefined;
}

/** The import itself, or the rest of it. */
async function moveAsJob(scene: ImportScene, job: JobScene, { id, left }: Identified): Promise<Moved> {
  const { context, backend, options, looked } = scene;
  if (left?.outcome !== undefined) {
    const { outcome, sessionId } = left;
    if (sessionId !== undefined) await backend.importSession.delete({ id: sessionId }, context);
    const name = left.name ?? (options.ifExists === 'rename' ? undefined : options.name);
    return { kind: 'moved', made: { ...outcome, sessionId, bytesSent: 0, bytesThere: 0 }, name };
  }
  const beginning = { id, options: jobOptionsOf(options), fingerprint: looked.fingerprint };
  // an address may be signed anew by now
  const { source } = beginning.options;
  const run = await openJob(
    job,
    left === undefined ? newJob(beginning) : { ...left, options: { ...left.options, source } },
  );
  const isBegun = left?.sessionId !== undefined;
  const { placement, decision } = isBegun ? await placed(scene) : await surveyed(scene, run.job().clientToken);
  if (decision?.kind === 'skip') return { ...decision, kind: 'skipped' };
  if (decision !== undefined) await run.decide(decision);
  tellName(scene, run);
  const messages = await moveRenamed(scene, { placement, run });
  return { kind: 'moved', made: messages, messages, name: run.job().name ?? options.name };
}

/** Whoever asked for another name where theirs is taken wants to know which. */
function tellName({ options, report }: ImportScene, run: JobRun): void {
  const { name, replaces } = run.job();
  if (options.ifExists !== 'rename' || name === undefined || replaces !== undefined) return;
  report.event({ type: 'information', message: `The name is taken: what is made is called ${JSON.stringify(name)}.` });
}

/**
 * Moves the package. A name that was free may be somebody else's when all is there; where another may be chosen, one is, and what the target keeps
 * of the package is not sent again.
 */
async function moveRenamed(
  scene: ImportScene,
  { placement, run }: { readonly placement: LocatedPlacement; readonly run: JobRun },
): Promise<ImportResult> {
  const { connection, options, looked } = scene;
  try {
    return await move({ ...scene, placement, run });
  } catch (error) {
    const mayRename = options.ifExists === 'rename' && connection.via === 'session' && looked.archive === undefined;
    if (!mayRename || !(error instanceof SessionError) || !isAboutName(error)) throw error;
    const { decision } = await surveyed(scene);
    if (decision?.kind !== 'import' || decision.name === run.job().name) throw error;
    await run.restartAs(decision.name);
    tellName(scene, run);
    return moveRenamed(scene, { placement, run });
  }
}

/** Imports under a job that another process can go on with; the caller has its lock. */
async function importAsJob(scene: ImportScene, job: JobScene, id: string): Promise<ImportOutcome> {
  const { context, report } = scene;
  const { journal } = job;
  // outside of what removes the job: one that cannot be read stays
  const left = await leftJob(scene, job, id);
  let moved: Moved;
  try {
    moved = await moveAsJob(scene, job, { id, left });
  } catch (error) {
    const failure = context.signal.aborted ? context.signal.reason : error;
    const isPiped = scene.looked.archive !== undefined;
    const stopped = await journal.read(id);
    if (job.isResumable(failure, stopped))
      report.event({ type: 'information', message: howToGoOn({ id, what: 'import', isPiped }) });
    else if (stopped?.givenUp) report.event({ type: 'information', message: howToGiveUp({ id }) });
    else await journal.remove(id);
    throw error;
  }
  if (moved.kind === 'skipped') {
    await journal.remove(id);
    return moved;
  }
  // until that is done the job stays: run again, the command goes on from there
  const afterwards = await finishImport({ ...scene, options: { ...scene.options, name: moved.name } }, moved.made);
  await journal.remove(id);
  scene.connection.settle();
  const { made, messages } = moved;
  return { kind: 'created', made, messages, afterwards };
}

function importLocked(scene: ImportScene): Promise<ImportOutcome> {
  const { context, connection, backend, target, options, report, looked } = scene;
  const { signal } = context;
  const id = options.job ?? jobIdOf(jobOptionsOf(options), { target, fingerprint: looked.fingerprint });
  const { onInterrupt } = options;
  const job = { backend, report, signal };
  // a session of this process ends with it: nothing is left to go on with
  if (connection.via !== 'session') return importAsJob(scene, { ...unkept, ...job }, id);
  const isPiped = looked.archive !== undefined;
  return whileLocked(context, { id, what: 'import', report, onInterrupt, isPiped }, (keeping) =>
    importAsJob(scene, { ...keeping, ...job }, id),
  );
}

/**
 * What a new import finds at its target. With anything in its way the parameters are tried as well, so that all of it is told at once.
 * @throws what stands in the way
 */
async function surveyed(
  scene: ImportScene,
  clientToken?: string,
): Promise<{ placement: LocatedPlacement; decision: Decision | undefined }> {
  const notes = createNotes();
  const { placement, decision } = await surveyTarget(scene, notes);
  const refusal = refusalOf(notes.problems());
  if (placement !== undefined && (refusal === undefined || decision?.kind === 'skip')) return { placement, decision };
  if (placement !== undefined && scene.looked.archive === undefined)
    await askTarget(scene, { placement, name: undefined, notes, clientToken });
  throw refusalOf(notes.problems());
}

/** Where an import that goes on goes to. */
async function placed({ backend, options, misplaced, context: { signal } }: ImportScene) {
  if (misplaced !== undefined) throw misplaced;
  const notes = createNotes();
  const placement = await choosePlacement(backend, { options, signal, notes });
  throwErrors(notes);
  if (placement === undefined) throw new CliError('targetRefused', 'The target shows no place to this user');
  return { placement, decision: undefined };
}

/** Imports a package, or goes on with an import of the same. */
export async function runImport(
  context: Context,
  { options: flags, report }: Pick<ImportScene, 'options' | 'report'>,
): Promise<ImportOutcome> {
  const options = await withOptionsFile(flags);
  checkOptions(options);
  const looked = await lookAt(options);
  return withImportScene(context, { options, report, looked }, importLocked);
}
