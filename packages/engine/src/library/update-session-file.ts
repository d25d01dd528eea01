import {
  SessionError,
  TransferSourceType,
  type UpdateEvent,
  type UpdateFile,
  type UpdateFileInfo,
  type UpdateFileSpec,
  type UpdateSession,
  type UpdateSessionFileService,
} from '@ovfkit/domain';
import { checkName, isDescriptorName } from '@ovfkit/package-format';
import { blobKey } from '../blob-key.ts';
import { guarded, refuse } from '../call-check.ts';
import { dropBlobsOf } from '../drop-blobs.ts';
import { byAnyName } from '../href-names.ts';
import { requirePrivileges } from '../privilege.ts';
import { probe } from '../probe.ts';
import { isExpected } from '../problem.ts';
import { shownUrl } from '../pull/pull-address.ts';
import { sidecarType } from '../upload/upload-archive.ts';
import { isArchiveName } from './expand-archive.ts';
import { isPackageItem } from './item-package.ts';
import { found } from './items.ts';
import { updateFileInfo } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';
import { thumbprintOf } from './pull-update-files.ts';
import { checksumAlgorithm, checkUpdate } from './update-check.ts';
import { toMessage } from './update-messages.ts';

/** Files of the update sessions of one caller. */
export function createUpdateSessionFileService(parts: LibraryParts): UpdateSessionFileService {
  const { core, updates: flow, principal } = parts;
  const infoOf = (session: UpdateSession, name: string) => updateFileInfo(core, session, found(name, session.files));
  return {
    add: guarded(({ updateSessionId: id, fileSpec }) => add(parts, { id, spec: fileSpec })),
    get: guarded(async ({ updateSessionId: id, fileName }) => infoOf(await flow.use(id, principal), fileName)),
    list: guarded(async ({ updateSessionId: id }) => {
      const session = await flow.use(id, principal);
      return Promise.all(session.files.map(({ name }) => infoOf(session, name)));
    }),
    remove: guarded(({ updateSessionId: id, fileName }) => remove(parts, { id, name: fileName })),
    validate: guarded(async ({ updateSessionId: id }) => {
      const session = await flow.use(id, principal);
      if (session.state !== 'ACTIVE')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `The session is ${session.state}.`);
      const item = await core.library.item(session.libraryItemId);
      const { missing, invalid } = await checkUpdate(core, { item, session });
      return {
        hasErrors: missing.length + invalid.length > 0,
        missingFiles: [...missing],
        invalidFiles: invalid.map(({ name, error }) => ({ name, errorMessage: error })),
      };
    }),
    probe: guarded(async ({ sourceEndpoint }, options) => {
      requirePrivileges(principal, ['VApp.PullFromUrls']);
      const thumbprint = thumbprintOf(sourceEndpoint);
      const pinned = thumbprint === undefined ? {} : { sslCertificateThumbprint: thumbprint };
      return probe(core, { uri: sourceEndpoint.uri, ...pinned, signal: options?.signal });
    }),
  };
}

interface Adding {
  readonly id: string;
  readonly spec: UpdateFileSpec;
}

async function add({ core, updates: flow, principal }: LibraryParts, { id, spec }: Adding): Promise<UpdateFileInfo> {
  const { libraryItemId } = await flow.use(id, principal);
  const file = newFile(spec);
  if (file.sourceType === 'PULL') requirePrivileges(principal, ['VApp.PullFromUrls']);
  const isPackage = isPackageItem(await core.library.item(libraryItemId));
  const session = await flow.step(id, (before): UpdateEvent => {
    if (before.state === 'ACTIVE') checkPlace(before, { file, isPackage });
    const named = byAnyName(before.files.filter(({ sourceType }) => sourceType === 'NONE'))(file.name)?.name;
    return named === undefined ? { type: 'addFile', file } : { type: 'addFile', file, named };
  });
  return updateFileInfo(core, session, found(file.name, session.files));
}

/** @throws SessionError INVALID_ARGUMENT, UNSUPPORTED */
function newFile({ name, sourceType, sourceEndpoint, size, checksumInfo }: UpdateFileSpec): UpdateFile {
  const source = TransferSourceType.safeParse(sourceType).data;
  if (source === 'NONE')
    throw new SessionError('UNSUPPORTED', 'Files come by PUSH or PULL: the storage of this server takes none.');
  refuse([...nameProblems(name), ...(source === undefined ? [`source_type ${sourceType} is not PUSH or PULL.`] : [])]);
  if (checksumInfo !== undefined && checksumAlgorithm(checksumInfo) === undefined)
    refuse([`checksum_info: ${checksumInfo.algorithm ?? ''} is not one of SHA1, MD5, SHA256, SHA512.`]);
  if (size !== undefined && size < 0) refuse(['size is negative.']);
  const common = {
    name,
    bytesTransferred: 0,
    content: [],
    digests: [],
    ...(size === undefined ? {} : { size }),
    ...(checksumInfo === undefined ? {} : { checksumInfo }),
  };
  if (source !== 'PULL') return { ...common, sourceType: 'PUSH', status: 'WAITING_FOR_TRANSFER' };
  const protocol = URL.parse(sourceEndpoint?.uri ?? '')?.protocol;
  if (sourceEndpoint === undefined || (protocol !== 'http:' && protocol !== 'https:'))
    throw new SessionError(
      'INVALID_ARGUMENT',
      `source_endpoint: ${shownUrl(sourceEndpoint?.uri ?? '')} is not an http or https URL.`,
    );
  thumbprintOf(sourceEndpoint);
  return { ...common, sourceType: 'PULL', sourceEndpoint, status: 'TRANSFERRING' };
}

function nameProblems(name: string): readonly string[] {
  try {
    checkName(name);
    return [];
  } catch (error) {
    if (!isExpected(error)) throw error;
    return [`name: ${toMessage(error).defaultMessage}.`];
  }
}

/** @throws SessionError ALREADY_EXISTS, NOT_ALLOWED_IN_CURRENT_STATE */
function checkPlace(
  { files }: UpdateSession,
  { file, isPackage }: { readonly file: UpdateFile; readonly isPackage: boolean },
): void {
  const { name } = file;
  if (files.some((each) => each.name === name && each.sourceType !== 'NONE'))
    throw new SessionError('ALREADY_EXISTS', `The session has the file ${name} already. Remove it first.`);
  if (!isPackage) return;
  if (sidecarType(name) !== undefined && files.some((each) => isDescriptorName(each.name)))
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `${name} has to be added before the descriptor, which it is about.`,
    );
  // its members have names of their own, which are not known before it is read
  if (files.some((each) => isArchiveName(each.name)) || (isArchiveName(name) && files.length > 0))
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      'An archive is a whole package: no other file goes with it.',
    );
}

async function remove(
  { core, updates: flow, principal }: LibraryParts,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const session = await flow.use(id, principal);
  const item = await core.library.item(session.libraryItemId);
  if (session.files.every((file) => file.name !== name)) found(name, item.files);
  const content = session.files.find((file) => file.name === name)?.content ?? [];
  await flow.step(id, () => ({ type: 'removeFile', name }));
  const address = { kind: 'update', id } as const;
  const blobs = new Set([blobKey(address, name), ...content.map(({ blob }) => blob)]);
  await dropBlobsOf(core, address, [...blobs]);
}
