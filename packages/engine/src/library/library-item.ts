import {
  type CreateLibraryItem,
  type CreateLibraryItemResult,
  type DeployLibraryItem,
  type DeploymentResult,
  type ExportSessionService,
  type FilterLibraryItem,
  type ImportInfo,
  type ImportSessionService,
  type LibraryItemService,
  type OvfError,
  type OvfSummary,
  type ResultInfo,
  SessionError,
  toStandardError,
} from '@ovfkit/domain';
import { sessionKey } from '../blob-key.ts';
import { clientTokenOf, guarded, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import { localized, withMessages } from '../descriptor.ts';
import { evaluate } from '../parameters/evaluate.ts';
import { reportFindings } from '../problem.ts';
import { checkTarget, describeTarget } from '../target.ts';
import { deploymentParameters, summaryOf } from './deployment-parameters.ts';
import { checkSourceItem, membersOf, readItemDescriptor } from './item-package.ts';

/** Packages of the content library, by the sessions that do the same step by step. */
export interface LibraryItemParts {
  readonly core: Core;
  readonly imports: ImportSessionService;
  readonly exports: ExportSessionService;
}

/**
 * `library_item` of one caller. Each call waits until it is done. The session behind one that succeeded with a client token lives
 * on for a repeated call; no other session does.
 */
export function createLibraryItems(parts: LibraryItemParts): LibraryItemService {
  return {
    create: guarded((input) => create(parts, input)),
    deploy: guarded((input) => deploy(parts, input)),
    filter: guarded((input, options) => filter(parts.core, { ...input, locale: options?.locale })),
  };
}

const resultInfo = ({ errors, warnings, information }: ResultInfo): ResultInfo => ({ errors, warnings, information });

async function create(
  { core, exports }: LibraryItemParts,
  { clientToken, source, target, createSpec }: CreateLibraryItem,
): Promise<CreateLibraryItemResult> {
  const { libraryId, libraryItemId } = target;
  const isVm = source.type === 'VirtualMachine';
  refuse([
    ...(isVm || source.type === 'VirtualApp' ? [] : [`source: ${source.type} is not VirtualMachine or VirtualApp.`]),
    ...(libraryId || libraryItemId ? [] : ['target names neither library_id nor library_item_id; give one.']),
  ]);
  const item = libraryItemId ? await core.library.item(libraryItemId) : undefined;
  const { name, description, flags } = createSpec;
  const id = await exports.create({
    clientToken: clientTokenOf(clientToken),
    source: isVm ? { vmId: source.id } : { vappId: source.id },
    createSpec: {
      targetType: 'CONTENT_LIBRARY_TARGET',
      contentLibrary: libraryId || (item?.libraryId ?? ''),
      ...(libraryItemId ? { contentLibraryItem: libraryItemId } : {}),
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(flags === undefined ? {} : { exportFlags: flags }),
    },
  });
  return keptFor(clientToken, { sessions: exports, id }, async () => {
    await core.jobs.idle(sessionKey({ kind: 'export', id }));
    const info = await exports.get({ id });
    return info.state === 'EXPORT_COMPLETED' && info.libraryItemId !== undefined
      ? { succeeded: true, ovfLibraryItemId: info.libraryItemId }
      : { succeeded: false, error: resultInfo(info) };
  });
}

interface SessionBehind {
  readonly sessions: Pick<ImportSessionService | ExportSessionService, 'delete'>;
  readonly id: string;
}

/** What `work` makes of a session, which is kept only when it succeeded and a call with this token may ask for it again. */
async function keptFor<Result extends { readonly succeeded: boolean }>(
  clientToken: string | undefined,
  { sessions, id }: SessionBehind,
  work: () => Promise<Result>,
): Promise<Result> {
  let isKept = false;
  try {
    const result = await work();
    isKept = result.succeeded && clientToken !== undefined;
    return result;
  } finally {
    if (!isKept) await sessions.delete({ id });
  }
}

async function deploy(
  { core, imports }: LibraryItemParts,
  { ovfLibraryItemId, clientToken, target, deploymentSpec: spec }: DeployLibraryItem,
): Promise<DeploymentResult> {
  if (spec.vmConfigSpec !== undefined)
    throw new SessionError('UNSUPPORTED', 'vm_config_spec is not applied here. Leave it out, and use the parameters.');
  const id = await imports.createForResourcePool({
    clientToken: clientTokenOf(clientToken),
    resourcePool: target.resourcePoolId,
    ...(target.hostId ? { hostSystem: target.hostId } : {}),
    ...(target.folderId ? { folder: target.folderId } : {}),
    createSpec: {
      sourceType: 'CONTENT_LIBRARY_SOURCE',
      contentLibraryItem: ovfLibraryItemId,
      importFlags: [...(spec.flags ?? [])],
      ...(spec.locale === undefined ? {} : { locale: spec.locale }),
    },
  });
  return keptFor(clientToken, { sessions: imports, id }, async () => {
    await settled(core, id);
    const before = await imports.get({ id });
    const refused = before.state === 'IMPORT_SELECTING_OVF_PARAMS' ? await instantiate(imports, { id, spec }) : [];
    await settled(core, id);
    const info = await imports.get({ id });
    return info.state === 'IMPORT_COMPLETED'
      ? deployed(info)
      : { succeeded: false, error: resultInfo({ ...info, errors: [...info.errors, ...refused] }) };
  });
}

const settled = (core: Core, id: string): Promise<void> => core.jobs.idle(sessionKey({ kind: 'import', id }));

const deployed = ({ vmId, vappId, ...info }: ImportInfo): DeploymentResult => ({
  succeeded: true,
  resourceId: vappId === undefined ? { type: 'VirtualMachine', id: vmId ?? '' } : { type: 'VirtualApp', id: vappId },
  ...(info.warnings.length + info.information.length === 0 ? {} : { error: resultInfo({ ...info, errors: [] }) }),
});

/** What is wrong with the parameters; nothing once the package is being made. */
async function instantiate(
  imports: ImportSessionService,
  { id, spec }: { readonly id: string; readonly spec: DeployLibraryItem['deploymentSpec'] },
): Promise<readonly OvfError[]> {
  const instantiationParameters = deploymentParameters(spec);
  const { errors } = await imports.tryInstantiate({ id, instantiationParameters });
  if (errors.length > 0) return errors;
  try {
    await imports.instantiate({ id, instantiationParameters });
    return [];
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'INVALID_ARGUMENT') throw error;
    return [{ category: 'SERVER', error: toStandardError(error) }];
  }
}

async function filter(
  core: Core,
  { ovfLibraryItemId, target, locale }: FilterLibraryItem & { readonly locale: string | undefined },
): Promise<OvfSummary> {
  const { resourcePoolId: resourcePool, hostId, folderId } = target;
  const importTarget = {
    resourcePool,
    ...(hostId ? { hostSystem: hostId } : {}),
    ...(folderId ? { folder: folderId } : {}),
  };
  const { files } = await checkSourceItem(core, ovfLibraryItemId);
  await checkTarget(core, importTarget);
  const raw = await readItemDescriptor(core, { files, flags: [] });
  const descriptor = localized(await withMessages(core, { descriptor: raw, files: membersOf(raw, files) }), locale);
  const [fault] = reportFindings(descriptor.findings).errors.flatMap(({ issues = [] }) => issues);
  if (fault !== undefined) refuse([fault.message.defaultMessage]);
  const offered = await describeTarget(core, { target: importTarget, descriptor, given: [] });
  return summaryOf(evaluate({ descriptor, given: [], target: offered }).parameters);
}
