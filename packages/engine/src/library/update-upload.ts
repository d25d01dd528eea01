import {
  type FileAddress,
  type FileService,
  SessionError,
  type UpdateFile,
  type UpdateSession,
  type Upload,
  type UploadState,
} from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';
import { blobKey, sessionKey } from '../blob-key.ts';
import { abortable, atMost, observed } from '../byte-stream.ts';
import type { Principal } from '../core.ts';
import { hashAll } from '../hashing.ts';
import { answerSender, borrowSame, type IdentifiedBytes } from '../shared-blobs.ts';
import { receiveBytes } from '../upload/receive-bytes.ts';
import { startOnce } from '../upload/start-once.ts';
import { countKey, expandArchive, isArchiveName } from './expand-archive.ts';
import { isPackageItem } from './item-package.ts';
import { found } from './items.ts';
import { algorithmsOf, completeUpdateFile, failUpdateFile } from './update-arrival.ts';
import type { Updates } from './updates.ts';

interface Sending {
  readonly session: UpdateSession;
  readonly file: UpdateFile;
  readonly upload: Upload;
  readonly signal: AbortSignal;
}

/** Uploads of one caller to update sessions. A file that is complete is never written again. */
export function createUpdateUploads(
  updates: Updates,
  principal: Principal,
): Pick<FileService, 'upload' | 'uploadState'> {
  const { core } = updates;
  return {
    async upload(upload, options) {
      options?.signal?.throwIfAborted();
      const { session, file } = await locate(updates, { address: upload, principal });
      if (session.state !== 'ACTIVE' || file.status === 'ERROR')
        throw new SessionError(
          'NOT_ALLOWED_IN_CURRENT_STATE',
          `${file.name} is not taken: the session is ${session.state}, the file ${file.status}.`,
        );
      if (file.status === 'READY') return repeated(file, upload);
      return core.jobs.during(sessionKey({ kind: 'update', id: session.id }), async (stopped) => {
        const signal = options?.signal === undefined ? stopped : AbortSignal.any([stopped, options.signal]);
        const sending = { session, file, upload, signal };
        return (await isExpanded(updates, sending)) ? uploadArchive(updates, sending) : uploadFile(updates, sending);
      });
    },
    async uploadState(address) {
      const { session, file } = await locate(updates, { address, principal });
      if (file.status === 'READY') return { offset: file.bytesTransferred, isComplete: true };
      const isTaken = session.state === 'ACTIVE' && file.status !== 'ERROR';
      return answerSender(core, {
        session: { kind: 'update', id: session.id },
        name: file.name,
        known: isTaken ? address.known : undefined,
        reader: principal,
        complete: (known) => completeKnown(updates, { session, file, known, reader: principal }),
      });
    },
  };
}

interface Known extends Pick<Sending, 'session' | 'file'> {
  readonly known: IdentifiedBytes;
  /** Who says that it knows them. */
  readonly reader: Principal;
}

/** Completes a file with bytes that are here already and that its sender may read; whether there were any. */
async function completeKnown(updates: Updates, { session, file, known, reader }: Known): Promise<boolean> {
  const { core } = updates;
  const { name } = file;
  const { size, sha256 } = known;
  const address = { kind: 'update', id: session.id } as const;
  if (await isExpanded(updates, { session, file })) return false;
  const others = (await algorithmsOf(updates, { session, file })).filter((each) => each !== 'SHA256');
  return core.writers.hold(blobKey(address, name), async () => {
    const blob = await borrowSame(core, { session: address, name, size, sha256, reader });
    if (blob === undefined) return false;
    // a checksum of another kind is computed of the bytes that are here: they are not sent for it
    const digests =
      others.length === 0
        ? new Map([['SHA256', sha256]] as const)
        : await (await hashAll(core.blobs.read(blob), others)).digests();
    const arrived = { name, size, digests, content: [{ name, blob, size, sha256 }] };
    await completeUpdateFile(updates, { id: session.id, arrived });
    return true;
  });
}

/** Whether a file is an archive whose members are kept in its place. */
async function isExpanded({ core }: Updates, { session, file }: Pick<Sending, 'session' | 'file'>): Promise<boolean> {
  return isArchiveName(file.name) && isPackageItem(await core.library.item(session.libraryItemId));
}

async function locate(
  { flow }: Updates,
  { address, principal }: { readonly address: FileAddress; readonly principal: Principal },
): Promise<Pick<Sending, 'session' | 'file'>> {
  const session = await flow.use(address.sessionId, principal);
  const file = found(address.file.name, session.files);
  if (file.sourceType === 'PUSH') return { session, file };
  throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${file.name} was not announced as one that is pushed.`);
}

/** A client that lost the answer to its last byte is told that all is here, when it proves that it means the same bytes. */
function repeated({ name, bytesTransferred, digests }: UpdateFile, { offset, sha256 }: Upload): UploadState {
  const known = digests.find(({ algorithm }) => algorithm === 'SHA256')?.digest;
  const isSame = sha256 === undefined ? offset > 0 && offset === bytesTransferred : sha256 === known;
  if (isSame) return { offset: bytesTransferred, isComplete: true };
  throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${name} is complete already.`);
}

/** Tells the session at the first byte. */
const createOnBytes = ({ flow }: Updates, { session, file }: Sending): (() => Promise<void>) =>
  startOnce({
    isStarted: file.status === 'TRANSFERRING',
    start: () => flow.step(session.id, () => ({ type: 'startFile', name: file.name }), 'passing'),
  });

async function uploadFile(updates: Updates, sending: Sending): Promise<UploadState> {
  const { core } = updates;
  const { session, file, upload, signal } = sending;
  const { name } = file;
  const key = blobKey({ kind: 'update', id: session.id }, name);
  return core.writers.hold(key, async () => {
    const algorithms = await algorithmsOf(updates, { session, file });
    const onBytes = createOnBytes(updates, sending);
    const { size, digests } = await receiveBytes(core, { key, name, upload, signal, algorithms, onBytes });
    if (digests === undefined) return { offset: size, isComplete: false };
    const content = [{ name, blob: key, size, sha256: digests.get('SHA256') ?? '' }];
    await completeUpdateFile(updates, { id: session.id, arrived: { name, size, digests, content } });
    return { offset: size, isComplete: true };
  });
}

/** An archive is not kept, only its members are, so one that breaks off starts anew. */
async function uploadArchive(updates: Updates, sending: Sending): Promise<UploadState> {
  const { core } = updates;
  const { session, file, upload, signal } = sending;
  const { id } = session;
  if (upload.offset !== 0)
    throw new SessionError('CONCURRENT_CHANGE', `${file.name} has 0 bytes, so it cannot go on at ${upload.offset}.`);
  const key = countKey(id, file.name);
  let came = 0;
  const limit = { size: upload.size ?? Number.MAX_SAFE_INTEGER, name: file.name };
  const onBytes = createOnBytes(updates, sending);
  const bytes = observed(atMost(abortable(upload.bytes, signal), limit), (total) => {
    came = total;
    return onBytes();
  });
  return core.writers.hold(key, async () => {
    try {
      const algorithms = await algorithmsOf(updates, { session, file });
      const count = (total: number) => core.counts.set(key, total);
      const arrived = await expandArchive(core, { id, name: file.name, bytes, algorithms, onBytes: count });
      await completeUpdateFile(updates, { id, arrived });
      return { offset: arrived.size, isComplete: true };
    } catch (error) {
      // a sender that stopped early is no damaged archive
      if (error instanceof PackageError && error.code === 'TRUNCATED' && came < (upload.size ?? 0))
        return { offset: 0, isComplete: false };
      if (error instanceof PackageError) await failUpdateFile(updates, { id, name: file.name, error });
      throw refusal(error);
    } finally {
      core.counts.delete(key);
    }
  });
}

const refusal = (error: unknown): unknown =>
  error instanceof PackageError ? new SessionError('INVALID_ARGUMENT', `${error.message}.`, { cause: error }) : error;
