import type {
  LibraryContent,
  SessionMember,
  StoredLibraryItem,
  UpdateEvent,
  UpdateFile,
  UpdateSession,
} from '@ovfkit/domain';
import { isDescriptorName, PackageError } from '@ovfkit/package-format';
import type { HashAlgorithm, HashDigests } from '@ovfkit/package-format/node';
import { meantBy } from '../href-names.ts';
import { entriesOf, manifestEntries } from '../manifest.ts';
import { packageFiles } from '../package-files.ts';
import { reportFindings } from '../problem.ts';
import { urlOf } from '../pull/pull-address.ts';
import { deleteReplaced, withSharedBlob } from '../shared-blobs.ts';
import { sidecarType } from '../upload/upload-archive.ts';
import { isPackageItem, readItemDescriptor } from './item-package.ts';
import { arrivalProblem, checksumAlgorithm } from './update-check.ts';
import { toMessage } from './update-messages.ts';
import type { Updates } from './updates.ts';

/** A file of an update session that is here whole and sealed. */
export interface Arrived {
  readonly name: string;
  /** Bytes that came, and their digests. */
  readonly size: number;
  readonly digests: HashDigests;
  /** The file itself, or the members of an archive. */
  readonly content: readonly LibraryContent[];
  /** Where it was pulled from; absent for what was sent. */
  readonly url?: string;
}

/** Completes a file of an update session, or fails it when it is not what was announced. One that was taken back is left alone. */
export const completeUpdateFile = (updates: Updates, completion: Completion): Promise<void> =>
  updates.core.arrivals.take(
    completion.arrived.content.map(({ sha256 }) => sha256),
    () => completeInTurn(updates, completion),
  );

interface Completion {
  /** Of the session. */
  readonly id: string;
  readonly arrived: Arrived;
}

async function completeInTurn({ core, flow }: Updates, { id, arrived }: Completion): Promise<void> {
  const address = { kind: 'update', id } as const;
  const content = await Promise.all(arrived.content.map((file) => withSharedBlob(core, { session: address, file })));
  const after = await flow.step(id, async (session): Promise<UpdateEvent | undefined> => {
    const { name, size, digests } = arrived;
    const file = awaited(session, name);
    if (file === undefined) return undefined;
    const problem = arrivalProblem(file, arrived);
    if (problem !== undefined) return { type: 'failFile', name, error: problem };
    try {
      const item = await core.library.item(session.libraryItemId);
      const referenced = await referencedFiles({ core, flow }, { session, item, arrived });
      const told = [...digests].map(([algorithm, digest]) => ({ algorithm, digest }));
      return { type: 'completeFile', name, size, content, digests: told, referenced };
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      return { type: 'failFile', name, error: toMessage(error) };
    }
  });
  await deleteReplaced(core, { session: address, added: content, files: after.files.flatMap((file) => file.content) });
}

/** The file, as long as something is expected of it. */
export const awaited = ({ state, files }: UpdateSession, name: string): UpdateFile | undefined =>
  state === 'ACTIVE'
    ? files.find((file) => file.name === name && file.status !== 'READY' && file.status !== 'ERROR')
    : undefined;

/** Ends the wait for a file. One that was taken back is left alone. */
export async function failUpdateFile(
  { flow }: Updates,
  { id, name, error }: { readonly id: string; readonly name: string; readonly error: unknown },
): Promise<void> {
  await flow.step(id, (session) =>
    awaited(session, name) === undefined ? undefined : { type: 'failFile', name, error: toMessage(error) },
  );
}

interface Reading {
  readonly session: UpdateSession;
  readonly item: StoredLibraryItem;
  readonly arrived: Arrived;
}

/** What a descriptor names and neither session nor item have: it is listed as missing, or pulled from beside the descriptor. */
async function referencedFiles({ core }: Updates, { session, item, arrived }: Reading): Promise<readonly UpdateFile[]> {
  const { name, content, url } = arrived;
  if (!isPackageItem(item) || !isDescriptorName(name)) return [];
  const descriptor = await readItemDescriptor(core, { files: content, flags: [] });
  const [fault] = reportFindings(descriptor.findings).errors.flatMap(({ issues = [] }) => issues);
  if (fault !== undefined) throw new PackageError('DESCRIPTOR_INVALID', fault.message.defaultMessage, { file: name });
  const known = [...session.files, ...item.files];
  const endpoint = session.files.find((file) => file.name === name)?.sourceEndpoint;
  return packageFiles(descriptor)
    .filter((file) => meantBy(file.name, known) === undefined)
    .map((file): UpdateFile => {
      const common = { name: file.name, bytesTransferred: 0, content: [], digests: [] };
      if (url === undefined || endpoint === undefined)
        return { ...common, sourceType: 'NONE', status: 'WAITING_FOR_TRANSFER' };
      const sourceEndpoint = { ...endpoint, uri: urlOf(file.name, url) };
      return { ...common, sourceType: 'PULL', sourceEndpoint, status: 'TRANSFERRING' };
    });
}

/** What is computed of a file beside SHA-256 while its bytes pass: for its checksum, and for a manifest that came before it. */
export async function algorithmsOf(
  { core }: Updates,
  { session, file }: { readonly session: UpdateSession; readonly file: UpdateFile },
): Promise<readonly HashAlgorithm[]> {
  const own = file.checksumInfo === undefined ? undefined : checksumAlgorithm(file.checksumInfo);
  const manifests = session.files
    .flatMap(({ content }) => content)
    .filter(({ name }) => sidecarType(name) === 'MANIFEST')
    .map((each): SessionMember => ({ ...each, fileType: 'MANIFEST' }));
  const entries = await manifestEntries(core, manifests);
  const fileType = isDescriptorName(file.name) ? 'OVF' : 'CONTENT';
  const listed = entriesOf(entries ?? [], { name: file.name, fileType }).map(({ algorithm }) => algorithm);
  return [...(own === undefined ? [] : [own]), ...listed];
}
