import type {
  ExportInfo,
  ExportSession,
  ImportInfo,
  ImportSession,
  OvfFileInfo,
  ProbeImportSession,
  ProbeInfo,
  SessionFile,
} from '@ovfkit/domain';
import { blobKey, fileReference, type SessionAddress } from './blob-key.ts';
import type { Core } from './core.ts';
import { archiveOf, shownUrl } from './pull/pull-address.ts';

/** An import as its client sees it, with the bytes that have arrived by now. */
export async function importInfo(core: Core, session: ImportSession): Promise<ImportInfo> {
  const address: SessionAddress = { kind: 'import', id: session.id };
  const files = await receivingFiles(core, { address, session });
  const { state, errors, warnings, information, vmId, vappId, customizationResults } = session;
  const isTransferring = state !== 'IMPORT_OVF_TRANSFER' && state !== 'IMPORT_MSG_BUNDLES_TRANSFER';
  return {
    state,
    progress: overallProgress(session, files),
    ...(isTransferring && state !== 'IMPORT_SELECTING_OVF_PARAMS' ? { fileTransferMode: 'SERVER_TRANSFER_MODE' } : {}),
    files,
    errors,
    warnings,
    information,
    ...(vmId === undefined ? {} : { vmId }),
    ...(vappId === undefined ? {} : { vappId }),
    ...(customizationResults === undefined ? {} : { customizationResults }),
  };
}

/** A probe session as its client sees it, with the bytes that have arrived by now. */
export async function probeInfo(core: Core, session: ProbeImportSession): Promise<ProbeInfo> {
  const address: SessionAddress = { kind: 'probe', id: session.id };
  const { state, errors, warnings, information } = session;
  return { state, files: await receivingFiles(core, { address, session }), errors, warnings, information };
}

/** An export's files have their addresses as soon as all of them can be downloaded. */
export function exportInfo(session: ExportSession): ExportInfo {
  const { state, errors, warnings, information, libraryItemId } = session;
  const address: SessionAddress = { kind: 'export', id: session.id };
  return {
    state,
    ...(session.createSpec.targetType === 'CONTENT_LIBRARY_TARGET' ? { progress: session.progress } : {}),
    files: session.files.map((file) => ({
      ...visible(file),
      ...(state === 'EXPORT_READY' ? { fileUrl: fileReference(address, file.name) } : {}),
    })),
    errors,
    warnings,
    information,
    ...(libraryItemId === undefined ? {} : { libraryItemId }),
  };
}

const visible = ({ name, fileType, optionalUpload, size, bytesTransferred, sha256 }: SessionFile): OvfFileInfo => ({
  name,
  fileType,
  optionalUpload,
  size,
  bytesTransferred,
  sha256,
});

type Receiving = Pick<ImportSession | ProbeImportSession, 'state' | 'files' | 'createSpec'>;

/** What is not needed before parameters are chosen joins the list only then (contract, section 11.2). */
const isListed = (state: Receiving['state'], { fileType }: SessionFile): boolean =>
  !state.endsWith('_MSG_BUNDLES_TRANSFER') || ['OVF', 'MSG_BUNDLE', 'OVA'].includes(fileType);

async function receivingFiles(
  core: Core,
  { address, session }: { readonly address: SessionAddress; readonly session: Receiving },
): Promise<OvfFileInfo[]> {
  const isPush = session.createSpec.sourceType === 'PUSH_SOURCE';
  const listed = session.files.filter((file) => isListed(session.state, file));
  const arrived = await bytesUnderWay(core, { address, files: listed });
  const placeOf = ({ name, url }: SessionFile): Pick<OvfFileInfo, 'fileUrl' | 'uploadMethod'> => {
    if (isPush) return { fileUrl: fileReference(address, name), uploadMethod: 'PUT' };
    return url === undefined ? {} : { fileUrl: shownUrl(archiveOf(url) ?? url) };
  };
  return listed.map((file) => {
    const known = unchanging.get(file);
    if (known !== undefined) return known;
    // one more spread here takes four times as long, which many files feel
    const info = {
      ...visible(file),
      bytesTransferred: arrived.get(file.name) ?? file.bytesTransferred,
      ...placeOf(file),
    };
    if (file.status !== 'started') unchanging.set(file, info);
    return info;
  });
}

/** Entries of files in which nothing moves, as clients see them: each request for one of many files lists all. */
const unchanging = new WeakMap<SessionFile, OvfFileInfo>();

/** What is here by now of each file that has begun and is not complete, by name: of many files those are few. */
async function bytesUnderWay(
  { blobs, counts }: Core,
  { address, files }: { readonly address: SessionAddress; readonly files: readonly SessionFile[] },
): Promise<ReadonlyMap<string, number>> {
  const underWay = files.filter(({ status }) => status === 'started');
  const sizes = underWay.map(async ({ name, fileType }) => {
    const key = blobKey(address, name);
    return [name, fileType === 'OVA' ? counts.get(key) : await blobs.size(key)] as const;
  });
  return new Map(await Promise.all(sizes));
}

/** What the client reported, or what arrived of all that is announced, whichever is more; 100 only at the end. */
function overallProgress({ state, progress }: ImportSession, files: readonly OvfFileInfo[]): number {
  if (state === 'IMPORT_COMPLETED' || state === 'IMPORT_ERROR') return progress;
  if (state !== 'IMPORT_FILE_TRANSFER' && state !== 'IMPORT_INSTANTIATING') return progress;
  const total = files.reduce((sum, { size, bytesTransferred }) => sum + Math.max(size ?? 0, bytesTransferred), 0);
  const arrived = files.reduce((sum, { bytesTransferred }) => sum + bytesTransferred, 0);
  const percent = total === 0 ? 0 : Math.min(99, Math.floor((100 * arrived) / total));
  return Math.max(progress, percent);
}
