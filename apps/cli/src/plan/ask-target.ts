import { findParams, type OvfError, type OvfParams, SessionError } from '@ovfkit/domain';
import {
  type Continuation,
  type ImportPlan,
  type ImportSettings,
  planImport,
  planImportLibraryItem,
  planImportUrl,
} from '@ovfkit/transfer';
import type { Offers } from '../import/choices.ts';
import { isAtTarget, sourceKindOf } from '../import/import-options.ts';
import type { ImportScene } from '../import/import-scene.ts';
import { askedFor, openToSend, settingsFor } from '../import/move.ts';
import { originOf } from '../import/origin.ts';
import { chooseParameters } from '../import/parameters.ts';
import type { LocatedPlacement } from '../import/placement.ts';
import { problemTexts } from '../import/problems.ts';
import { fullKey } from '../import/properties.ts';
import { takeSourceItem } from '../source/library-item.ts';
import { type CheckName, createNotes, type Notes, type PlanProblem, problemOf } from './notes.ts';
import { remarkIn, remarkProblem } from './remarks.ts';

/** What a session of the target says of a package and of the choices. */
export interface Answer extends ImportPlan {
  readonly offers: Offers;
}

interface Asking {
  readonly placement: LocatedPlacement;
  /** In place of the one the options say. */
  readonly name: string | undefined;
  readonly notes: Notes;
  /** Of the import this is asked for: when it is killed meanwhile, its next attempt finds the session by the token. */
  readonly clientToken?: string | undefined;
}

/**
 * Opens a session, gives it the descriptor, tries the parameters, and deletes it. What is wrong is noted; nothing is resolved to when the
 * target did not get as far as the parameters.
 */
export async function askTarget(
  scene: ImportScene,
  { placement, name, notes, clientToken }: Asking,
): Promise<Answer | undefined> {
  const { context, report } = scene;
  const making = { ...scene, placement, name };
  let own = createNotes();
  try {
    const asked = await askedFor(context, making);
    const settings: ImportSettings = {
      ...(await settingsFor(context, making)),
      continuation: clientToken === undefined ? undefined : onlyOnce(clientToken),
      parameters: ({ parameters: found }) => {
        own = createNotes(); // only the last round counts: what an earlier one lacked may have been answered
        return chooseParameters(found, { ...asked, notes: own });
      },
      onProgress: (event) => {
        if (event.type === 'warning') notes.add(warning('package', event.text));
        if (event.type === 'state') report.event(event);
      },
    };
    const answer = await tryImport(scene, { settings, notes });
    noteAnswer(answer, { own: own.problems(), notes });
    return { ...answer, offers: asked.offers };
  } catch (error) {
    for (const problem of own.problems()) notes.add(problem);
    context.signal.throwIfAborted();
    notes.fail(checkOfThrown(error), error);
    return undefined;
  }
}

/** A session that is found again, but never gone on with. */
const onlyOnce = (clientToken: string): Continuation => ({
  clientToken,
  onSession: async () => {},
  onDone: async () => {},
  isKept: () => false,
  onLeft: async () => {},
});

const warning = (check: CheckName, message: string): PlanProblem => ({
  check,
  severity: 'warning',
  exitCode: 0,
  message,
  details: [],
});

async function tryImport(
  scene: ImportScene,
  { settings, notes }: { readonly settings: ImportSettings; readonly notes: Notes },
): Promise<ImportPlan> {
  const { context, connection, options } = scene;
  const { signal } = context;
  if (sourceKindOf(options.source) === 'library')
    return planImportLibraryItem({ ...settings, item: await takeSourceItem(connection, options.source, { signal }) });
  if (connection.via === 'session' && isAtTarget(options))
    return planImportUrl({ ...settings, url: options.source, thumbprint: options.sourceThumbprint });
  const opened = await openToSend(context, scene);
  try {
    if (opened.kind === 'stream')
      throw new SessionError(
        'UNSUPPORTED',
        'A package that can be read only once cannot be tried without importing it.',
      );
    connection.lend(opened.reader, await notes.attemptCall('package', () => originOf(scene, opened)));
    return await planImport({ ...settings, package: opened.reader, verifyManifest: options.verify });
  } finally {
    await opened.close();
  }
}

/** Whose fault it is that a session came to no parameters: the package's, the user's, or the target's. */
function checkOfThrown(error: unknown): CheckName {
  if (!(error instanceof SessionError)) return 'package';
  if (error.kind === 'UNAUTHORIZED') return 'privileges';
  const { data } = error;
  const isEnded = typeof data === 'object' && data !== null && ('state' in data || 'algorithm' in data);
  if (isEnded || error.kind === 'UNSUPPORTED') return 'package';
  // nothing is wrong with the session: no host of the pool runs machines
  return error.kind === 'NOT_ALLOWED_IN_CURRENT_STATE' ? 'place' : 'target';
}

const checksByName: ReadonlyMap<string, CheckName> = new Map([
  ['name', 'name'],
  ['selected_key', 'option'],
  ['source_networks', 'networks'],
  ['target_datastore', 'storage'],
  ['target_provisioning_type', 'storage'],
  ['target_profile', 'storage'],
  ['disk_groups', 'storage'],
  ['all_EULA_accepted', 'licences'],
]);

function checkOf({ name = '' }: OvfError, parameters: readonly OvfParams[]): CheckName {
  const properties = findParams(parameters, 'PropertyParams')?.properties ?? [];
  const isProperty = properties.some((each) => fullKey(each) === name || each.id === name);
  return checksByName.get(name) ?? (isProperty ? 'properties' : 'parameters');
}

/** What was not said because it was wrong already the target misses, of course: that is told once. */
const saidOnce: ReadonlySet<CheckName> = new Set(['name', 'option', 'networks', 'licences', 'signer']);

function noteAnswer(
  { validation }: ImportPlan,
  { own, notes }: { readonly own: readonly PlanProblem[]; readonly notes: Notes },
): void {
  for (const problem of own) notes.add(problem);
  for (const error of validation.errors) {
    const problem = errorProblem(error, validation.parameters);
    const isSaid = notes.problems().some((each) => each.check === problem.check && each.severity === 'error');
    if (!isSaid || !saidOnce.has(problem.check)) notes.add(problem);
  }
  for (const each of validation.warnings) {
    const remark = remarkIn(each);
    if (remark !== undefined) notes.add(remarkProblem('warning', remark));
    else for (const text of problemTexts(each)) notes.add(warning('parameters', text));
  }
}

function errorProblem(error: OvfError, parameters: readonly OvfParams[]): PlanProblem {
  const remark = remarkIn(error);
  if (remark !== undefined) return remarkProblem('error', remark);
  const text = problemTexts(error).join('; ');
  return problemOf(
    checkOf(error, parameters),
    new SessionError('INVALID_ARGUMENT', text, { data: { errors: [error] } }),
  );
}
