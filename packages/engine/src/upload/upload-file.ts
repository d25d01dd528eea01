import { SessionError, type SessionFile, type Upload, type UploadState } from '@ovfkit/domain';
import { PackageError } from '@ovfkit/package-format';
import { blobKey } from '../blob-key.ts';
import { withinText } from '../byte-stream.ts';
import type { Core } from '../core.ts';
import { algorithmsFor, manifestEntries } from '../manifest.ts';
import { isText } from '../package-files.ts';
import { type ReceivingSession, receivedFiles } from '../received.ts';
import { completeEntry, type Receiver } from '../receiver.ts';
import { receiveBytes } from './receive-bytes.ts';
import { startOnce } from './start-once.ts';

/** One upload of one entry of one session. */
export interface Uploading {
  readonly session: ReceivingSession;
  readonly file: SessionFile;
  readonly upload: Upload;
  readonly signal: AbortSignal;
}

/** Takes the bytes of a file, or the rest of them, into its blob; completes it when the last one is here. */
export async function uploadFile(receiver: Receiver, uploading: Uploading): Promise<UploadState> {
  const { core, kind, flow } = receiver;
  const { session, file, signal } = uploading;
  const { name, fileType } = file;
  const key = blobKey({ kind, id: session.id }, name);
  const onBytes = startOnce({
    isStarted: file.status === 'started',
    start: () => flow.step(session.id, () => ({ type: 'startFile', name }), 'passing'),
  });
  return core.writers.hold(key, async () => {
    const algorithms = algorithmsFor(await manifestEntries(core, receivedFiles(session, kind)), file);
    const receiving = { key, name, upload: withTextLimit(core, uploading), signal, algorithms, onBytes };
    const { size, digests } = await receiveBytes(core, receiving).catch(async (error: unknown) => {
      if (!(error instanceof PackageError)) throw error;
      await flow.fail(session.id, error);
      throw new SessionError('INVALID_ARGUMENT', error.message, { cause: error });
    });
    if (digests === undefined) return { offset: size, isComplete: false };
    const sha256 = digests.get('SHA256') ?? '';
    await completeEntry(receiver, {
      id: session.id,
      completed: { name, size, sha256 },
      added: [{ name, fileType, blob: key, size, sha256, digests }],
      isArchive: false,
    });
    return { offset: size, isComplete: true };
  });
}

function withTextLimit({ limits }: Core, { file, upload }: Uploading): Upload {
  if (!isText(file.fileType)) return upload;
  const size = limits.textSize - upload.offset;
  return { ...upload, bytes: withinText(upload.bytes, { size, name: file.name }) };
}
