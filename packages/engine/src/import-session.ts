import { randomUUID } from 'node:crypto';
import {
  type CallOptions,
  type CreateImportSession,
  canApplyImportEvent,
  type ImportCreateSpec,
  type ImportSession,
  type ImportSessionService,
  importCreateSpecProblems,
  importFlags,
  type OvfParams,
  type OvfValidationResult,
  remarkMessage,
  SessionError,
} from '@ovfkit/domain';
import { type SessionAddress, sessionKey } from './blob-key.ts';
import { checkPercent, flagProblems, guarded, refuse, refuseMessages, sessionTokenOf } from './call-check.ts';
import type { Core, Principal } from './core.ts';
import { loadDescriptor } from './descriptor.ts';
import type { ImportFlow } from './effects/create-entity.ts';
import { releaseImport } from './effects/release-import.ts';
import { importInfo } from './info.ts';
import { judge } from './judge.ts';
import { checkSourceItem } from './library/item-package.ts';
import { filesOfChoice, firstFile, isArchivePush } from './package-files.ts';
import { withDatastore } from './parameters/datastore-mapping.ts';
import { type Evaluation, evaluate } from './parameters/evaluate.ts';
import { validationResult } from './parameters/validation-result.ts';
import { preview } from './preview.ts';
import { packagePrivileges, requirePrivileges, sourcePrivileges } from './privilege.ts';
import { probe } from './probe.ts';
import { shownUrl } from './pull/pull-address.ts';
import { receivedFiles } from './received.ts';
import { summarizeLiving } from './session-summary.ts';
import { signatureOf } from './signature.ts';
import { checkTarget, describeTarget } from './target.ts';

interface Imports {
  readonly core: Core;
  readonly flow: ImportFlow;
  readonly principal: Principal;
  /** Whose calls they are made for, when they are not their owner's own. */
  readonly behind?: 'library_item';
}

/** Imports of one caller. */
export function createImportSessions(imports: Imports): ImportSessionService {
  const { core, flow, principal } = imports;
  return {
    createForResourcePool: guarded((input) => create(imports, input)),
    get: guarded(async ({ id }) => importInfo(core, await flow.use(id, principal))),
    tryInstantiate: guarded(async ({ id, instantiationParameters }, options) => {
      const session = await selecting(imports, id);
      return validate(imports, { session, given: instantiationParameters, call: options ?? {} });
    }),
    instantiate: guarded(({ id, instantiationParameters }, options) =>
      instantiate(imports, { id, given: instantiationParameters, call: options ?? {} }),
    ),
    progress: guarded(({ id, percent }) => reportProgress(imports, { id, percent })),
    delete: guarded(async ({ id }) => {
      if ((await flow.find(id, principal)) !== undefined) await removeImport({ core, flow }, id);
    }),
    preview: guarded(({ ovfDescriptor }) => preview(core, ovfDescriptor)),
    probe: guarded(async (input, options) => {
      requirePrivileges(principal, ['VApp.PullFromUrls']);
      return probe(core, { ...input, signal: options?.signal });
    }),
    list: guarded(async () =>
      summarizeLiving(core, await core.sessions.imports.list(principal.isAdmin ? {} : { owner: principal.user })),
    ),
  };
}

/** @throws SessionError INVALID_ARGUMENT; NOT_FOUND for a library item that is not there */
export async function checkCreateSpec(core: Core, spec: ImportCreateSpec): Promise<void> {
  refuse([...importCreateSpecProblems(spec), ...flagProblems(spec.importFlags, importFlags), ...urlProblems(spec)]);
  if (spec.sourceType === 'CONTENT_LIBRARY_SOURCE') await checkSourceItem(core, spec.contentLibraryItem ?? '');
}

function urlProblems({
  sourceType,
  pullSource,
  sslCertificateThumbprint: thumbprint,
}: ImportCreateSpec): readonly string[] {
  if (sourceType !== 'PULL_SOURCE' || pullSource === undefined) return [];
  const protocol = URL.parse(pullSource)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:')
    return [`pull_source ${shownUrl(pullSource)} is not an http or https URL.`];
  // only used for https (contract, section 12.4)
  const isThumbprint = /^[\da-f]{40}$/i.test(thumbprint?.replaceAll(':', '') ?? '0'.repeat(40));
  return protocol === 'http:' || isThumbprint
    ? []
    : ['ssl_certificate_thumbprint is not a SHA-1 thumbprint: 40 hexadecimal digits, colons may be left out.'];
}

async function create({ core, flow, principal, behind }: Imports, input: CreateImportSession): Promise<string> {
  const { createSpec, resourcePool, hostSystem, folder } = input;
  const clientToken = sessionTokenOf(input.clientToken, behind);
  await checkCreateSpec(core, createSpec);
  requirePrivileges(principal, sourcePrivileges(createSpec));
  const target = {
    resourcePool,
    ...(hostSystem === undefined ? {} : { hostSystem }),
    ...(folder === undefined ? {} : { folder }),
  };
  await checkTarget(core, target);
  const now = core.clock();
  const session = await flow.begin({
    id: randomUUID(),
    owner: principal.user,
    clientToken,
    ...(behind === undefined ? {} : { behind }),
    state: 'IMPORT_OVF_TRANSFER',
    target,
    createSpec,
    progress: 0,
    files: [firstFile(createSpec)],
    errors: [],
    warnings: [],
    information: [],
    createdAt: now,
    expiresAt: now + core.idleTimeoutMs,
  });
  return session.id;
}

/** The session, which has to be waiting for parameters. */
async function selecting({ flow, principal }: Imports, id: string): Promise<ImportSession> {
  const session = await flow.use(id, principal);
  if (canApplyImportEvent(session, { type: 'instantiate', parameters: [], files: session.files })) return session;
  throw new SessionError(
    'NOT_ALLOWED_IN_CURRENT_STATE',
    `Parameters are taken in IMPORT_SELECTING_OVF_PARAMS; the session is ${session.state}.`,
  );
}

interface Validation {
  readonly session: ImportSession;
  readonly given: readonly OvfParams[];
  readonly call: CallOptions;
}

async function evaluateFor({ core, principal }: Imports, { session, given, call }: Validation) {
  const loaded = await loadDescriptor(core, { session, kind: 'import', locale: call.locale });
  const { descriptor } = loaded;
  requirePrivileges(principal, packagePrivileges(descriptor, given));
  const target = await describeTarget(core, { target: session.target, descriptor, given });
  const signature = await signatureOf(core, receivedFiles(session, 'import'));
  const evaluation: Evaluation = evaluate({ descriptor, given, target, signature });
  const question = { session, loaded, evaluation, parameters: given, folder: target.folder };
  return { descriptor, evaluation, judgement: () => judge(core, question, call) };
}

async function validate(imports: Imports, validation: Validation): Promise<OvfValidationResult> {
  const { evaluation, judgement } = await evaluateFor(imports, validation);
  const { warnings, information } = validation.session;
  return validationResult({ evaluation, judgement: await judgement(), warnings, information });
}

interface Instantiation extends Pick<Validation, 'given' | 'call'> {
  readonly id: string;
}

/** Nothing is waited for that the inventory would not make in the end. */
async function instantiate(imports: Imports, { id, given, call }: Instantiation): Promise<void> {
  const { flow } = imports;
  await refuseProbe(imports, id);
  const session = await selecting(imports, id);
  const { descriptor, evaluation, judgement } = await evaluateFor(imports, { session, given, call });
  refuseMessages([...evaluation.problems, ...evaluation.missing].map(({ message: text }) => text));
  refuseMessages((await judgement()).errors.map(remarkMessage));
  const needed = evaluation.selection.resolved.files;
  await flow.step(id, ({ files, createSpec }) => ({
    type: 'instantiate',
    parameters: withDatastore(given, evaluation.selection.storage),
    // the parts of an archive hold what is needed beside what is not
    files: isArchivePush(createSpec) ? files : filesOfChoice({ descriptor, needed }, files),
  }));
}

/** A probe has no target (contract, section 3.4). What belongs to others is not found, as ever. */
async function refuseProbe({ core, principal }: Imports, id: string): Promise<void> {
  const owner = (await core.sessions.probes.get(id))?.session.owner;
  if (owner !== undefined && (principal.isAdmin || owner === principal.user))
    throw new SessionError('UNSUPPORTED', `${id} is a probe session, which cannot be instantiated.`);
}

/** The order of the checks is the contract's (section 3.5). */
async function reportProgress(
  { flow, principal }: Imports,
  { id, percent }: { readonly id: string; readonly percent: number },
): Promise<void> {
  const session = await flow.use(id, principal);
  checkPercent(percent, session.progress);
  if (session.createSpec.sourceType !== 'PUSH_SOURCE')
    throw new SessionError('INVALID_ARGUMENT', 'Only a push import is told its progress.');
  await flow.step(id, () => ({ type: 'reportProgress', percent }));
}

/** Cancels and forgets an import, whoever owns it. What it has made stays when it was finished before. */
export async function removeImport({ core, flow }: Pick<Imports, 'core' | 'flow'>, id: string): Promise<void> {
  const address: SessionAddress = { kind: 'import', id };
  const deleted = new SessionError('NOT_FOUND', `The session ${id} was deleted.`);
  // an inventory may take long: whoever finds the session after a crash meanwhile must not finish it
  if ((await core.sessions.imports.get(id))?.session.state === 'IMPORT_INSTANTIATING') await flow.fail(id, deleted);
  await core.jobs.stop(sessionKey(address), deleted);
  await flow.fail(id, deleted);
  await releaseImport(core, address);
  await core.sessions.imports.delete(id);
}
