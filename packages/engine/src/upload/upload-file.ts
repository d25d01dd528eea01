import { SessionError, type SessionFile, type Upload, type UploadState } from '@ovfkit/domain';
import { blobKey } from '../blob-key.ts';
import { abortable, atMost, observed } from '../byte-stream.ts';
import { createHashing, type Hashing, hashAll, hashed } from '../hashing.ts';
import { algorithmsFor, manifestEntries } from '../manifest.ts';
import { type ReceivingSession, receivedFiles } from '../received.ts';
import { completeEntry, createKeepAlive, type Receiver } from '../receiver.ts';

/** One upload of one entry of one session. */
export interface Uploading {
  readonly session: ReceivingSession;
  readonly file: SessionFile;
  readonly upload: Upload;
  readonly signal: AbortSignal;
}

/** Takes the bytes of a file, or the rest of them, into its blob; completes it when the last one is here. */
export async function uploadFile(receiver: Receiver, uploading: Uploading): Promise<UploadState> {
  const { core } = receiver;
  const { session, file, upload } = uploading;
  const key = blobKey({ kind: receiver.kind, id: session.id }, file.name);
  if (upload.size !== undefined && upload.offset > upload.size)
    throw new SessionError(
      'INVALID_ARGUMENT',
      `${file.name} cannot go on at ${upload.offset}: it has ${upload.size} bytes.`,
    );
  return core.writers.hold(key, async () => {
    const hashing = await beginAt(receiver, { ...uploading, key });
    // all of it is here since a crash came before the session knew
    const isWhole = upload.offset > 0 && upload.offset === upload.size;
    const size = isWhole ? upload.offset : await append(receiver, { ...uploading, key, hashing });
    if (upload.size !== undefined && size < upload.size) return { offset: size, isComplete: false };
    return finish(receiver, { ...uploading, key, size });
  });
}

type Keyed = Uploading & { readonly key: string };

/** Makes the blob stand at `upload.offset` and gives the digest of what is there. */
async function beginAt({ core, kind }: Receiver, { session, file, upload, key }: Keyed): Promise<Hashing> {
  const present = await core.blobs.size(key);
  const received = receivedFiles(session, kind);
  const algorithms = algorithmsFor(await manifestEntries(core, received), file);
  const known = core.hashes.take(key);
  if (upload.offset === 0) {
    // a blob that a crash left sealed but unrecorded has to go too
    await core.blobs.delete(key);
    return createHashing(algorithms);
  }
  if (upload.offset !== present) {
    if (known !== undefined) core.hashes.keep(key, known);
    throw new SessionError(
      'CONCURRENT_CHANGE',
      `${file.name} has ${present} bytes, so it cannot go on at ${upload.offset}.`,
    );
  }
  if (known?.size() === present && algorithms.every((each) => known.algorithms.has(each))) return known;
  return hashAll(core.blobs.read(key), algorithms);
}

/** Resolves to the size of the blob; keeps the digest for whoever goes on, however it ends. */
async function append(
  receiver: Receiver,
  { session, file, upload, signal, key, hashing }: Keyed & { readonly hashing: Hashing },
): Promise<number> {
  const { core } = receiver;
  const keepAlive = createKeepAlive(receiver);
  let isStarted = file.status === 'started';
  const onBytes = async () => {
    if (!isStarted) await receiver.flow.step(session.id, () => ({ type: 'startFile', name: file.name }));
    isStarted = true;
    await keepAlive(session);
  };
  const limit = { size: (upload.size ?? Number.MAX_SAFE_INTEGER) - upload.offset, name: file.name };
  const bytes = hashed(observed(atMost(abortable(upload.bytes, signal), limit), onBytes), hashing);
  try {
    return await core.blobs.append(key, upload.offset, bytes);
  } finally {
    core.hashes.keep(key, hashing);
  }
}

async function finish(
  receiver: Receiver,
  { session, file, upload, key, size }: Keyed & { readonly size: number },
): Promise<UploadState> {
  const { core } = receiver;
  const kept = core.hashes.take(key);
  const hashing = kept?.size() === size ? kept : await hashAll(core.blobs.read(key), []);
  const digests = hashing.digests();
  const sha256 = digests.get('SHA256') ?? '';
  if (upload.sha256 !== undefined && upload.sha256 !== sha256) {
    await core.blobs.delete(key);
    throw new SessionError('INVALID_ARGUMENT', `${file.name} has the SHA-256 digest ${sha256}, not ${upload.sha256}.`, {
      data: { file: file.name, algorithm: 'SHA256', expected: upload.sha256, actual: sha256 },
    });
  }
  await core.blobs.seal(key);
  const { name, fileType } = file;
  await completeEntry(receiver, {
    id: session.id,
    completed: { name, size, sha256 },
    added: [{ name, fileType, blob: key, size, sha256, digests }],
    isArchive: false,
  });
  return { offset: size, isComplete: true };
}
