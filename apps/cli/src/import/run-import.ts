import { SessionError } from '@ovfkit/domain';
import { readAll, readDescriptor } from '@ovfkit/package-format';
import { maxTextSize, openPackage } from '@ovfkit/package-format/node';
import type { RestBackend } from '@ovfkit/rest';
import { type ImportPlan, type ImportResult, planImport, planImportLibraryItem, planImportUrl } from '@ovfkit/transfer';
import type { Context } from '../context.ts';
import { fingerprintOf, jobIdOf, jobOptionsOf } from '../journal/identity.ts';
import type { ImportJob } from '../journal/job.ts';
import { findJob, type JobScene, newJob, openJob } from '../journal/job-run.ts';
import { howToGoOn, whileLocked } from '../journal/while-locked.ts';
import type { Report } from '../output/report.ts';
import { findSourceItem } from '../source/library-item.ts';
import { requireSessionApi, withTarget } from '../target/connect.ts';
import type { Target } from '../target/resolve-target.ts';
import { decideOnExisting, type Existing, nameInPackage } from './existing.ts';
import { checkSource, type ImportOptions, isAtTarget, sourceKindOf } from './import-options.ts';
import { move, moveStream, openToSend, settingsFor } from './move.ts';
import { withOptionsFile } from './options-file.ts';
import { type ChosenPlacement, choosePlacement } from './placement.ts';

/** What was made, as the end of an import tells it. */
export type Made = Pick<ImportResult, 'vmId' | 'vappId' | 'bytesSent'> & { readonly sessionId?: string | undefined };

/** What came of an import. */
export type ImportOutcome =
  | { readonly kind: 'created'; readonly made: Made; readonly messages?: ImportResult }
  | { readonly kind: 'skipped'; readonly name: string; readonly existing: Existing }
  | { readonly kind: 'plan'; readonly plan: ImportPlan; readonly placement: ChosenPlacement };

/** An import with everything settled that can be before it begins. */
interface Prepared {
  readonly context: Context;
  readonly backend: RestBackend;
  readonly target: Target;
  readonly options: ImportOptions;
  readonly report: Report;
  readonly placement: ChosenPlacement;
  readonly looked: Looked;
}

/** What a local package says about itself; nothing is known of others. */
interface Looked {
  readonly fingerprint: string;
  readonly name?: string | undefined;
}

/** A package that is no good is told before a password is asked for. */
async function lookAt({ source, lax }: ImportOptions): Promise<Looked> {
  if (sourceKindOf(source) !== 'local') return { fingerprint: '' };
  const reader = await openPackage(source);
  try {
    const file = reader.descriptorName;
    const descriptor = readDescriptor(await readAll(reader.read(file), maxTextSize), { file, lax });
    return { fingerprint: await fingerprintOf(source, reader), name: nameInPackage(descriptor) };
  } finally {
    await reader.close();
  }
}

const decide = ({ context: { signal }, backend, options, placement, looked }: Prepared) =>
  decideOnExisting(backend, {
    name: options.name ?? looked.name,
    folder: placement.folder,
    ifExists: options.ifExists,
    signal,
  });

/** Asks the target what would come of it. */
async function plan(prepared: Prepared): Promise<ImportOutcome> {
  const { context, backend, options, placement } = prepared;
  const { signal } = context;
  const settings = await settingsFor(context, prepared);
  const kind = sourceKindOf(options.source);
  if (kind === 'library') {
    const item = await findSourceItem(backend, options.source, { signal });
    return { kind: 'plan', plan: await planImportLibraryItem({ ...settings, item }), placement };
  }
  if (isAtTarget(options)) {
    const pull = { ...settings, url: options.source, thumbprint: options.sourceThumbprint };
    return { kind: 'plan', plan: await planImportUrl(pull), placement };
  }
  const reader = await openToSend(options, signal);
  try {
    if (reader.kind === 'stream')
      throw new SessionError(
        'UNSUPPORTED',
        'A package that can be read only once cannot be tried without importing it.',
      );
    return {
      kind: 'plan',
      plan: await planImport({ ...settings, package: reader.reader, verifyManifest: options.verify }),
      placement,
    };
  } finally {
    await reader.close();
  }
}

const created = (messages: ImportResult): ImportOutcome => ({ kind: 'created', made: messages, messages });

/** What standard input gives is gone when this process is: there is no job to go on with. */
async function importStdin(prepared: Prepared): Promise<ImportOutcome> {
  const decision = await decide(prepared);
  if (decision.kind === 'skip') return { ...decision, kind: 'skipped' };
  const settings = await settingsFor(prepared.context, { ...prepared, name: decision.name });
  return created(await moveStream(process.stdin, settings));
}

const finished = ({ outcome, sessionId }: ImportJob): ImportOutcome => ({
  kind: 'created',
  made: { ...outcome, sessionId, bytesSent: 0 },
});

/** Imports under a job that another process can go on with; the caller has its lock. */
async function importAsJob(prepared: Prepared, scene: JobScene, id: string): Promise<ImportOutcome> {
  const { context, backend, options, report, looked } = prepared;
  const { journal } = scene;
  const left = await findJob(scene, { id, fingerprint: looked.fingerprint });
  if (left?.outcome !== undefined) {
    if (left.sessionId !== undefined) await backend.importSession.delete({ id: left.sessionId }, context);
    await journal.remove(id);
    return finished(left);
  }
  const decision = left === undefined ? await decide(prepared) : undefined;
  if (decision?.kind === 'skip') return { ...decision, kind: 'skipped' };
  const beginning = { id, options: jobOptionsOf(options), fingerprint: looked.fingerprint, ...decision };
  const run = await openJob(scene, left ?? newJob(beginning));
  try {
    const result = await move({ ...prepared, run });
    await journal.remove(id);
    return created(result);
  } catch (error) {
    const failure = context.signal.aborted ? context.signal.reason : error;
    if (scene.isResumable(failure)) report.event({ type: 'information', message: howToGoOn({ id, what: 'import' }) });
    else await journal.remove(id);
    throw error;
  }
}

function importLocked(prepared: Prepared): Promise<ImportOutcome> {
  const { context, backend, target, options, report } = prepared;
  const { signal } = context;
  const id = options.job ?? jobIdOf(jobOptionsOf(options), target);
  const { onInterrupt } = options;
  return whileLocked(context, { id, what: 'import', report, onInterrupt }, (keeping) =>
    importAsJob(prepared, { ...keeping, backend, report, signal }, id),
  );
}

/** Imports a package, or goes on with an import of the same, or only asks what would come of it. */
export async function runImport(
  context: Context,
  { options: flags, report }: Pick<Prepared, 'options' | 'report'>,
): Promise<ImportOutcome> {
  const options = await withOptionsFile(flags);
  checkSource(options);
  const looked = await lookAt(options);
  return withTarget(context, { target: options.to, options }, async (backend, target) => {
    requireSessionApi(backend);
    const placement = await choosePlacement(backend, { options, signal: context.signal });
    const prepared = { context, backend, target, options, report, placement, looked };
    if (options.dryRun) return plan(prepared);
    return sourceKindOf(options.source) === 'stdin' ? importStdin(prepared) : importLocked(prepared);
  });
}
