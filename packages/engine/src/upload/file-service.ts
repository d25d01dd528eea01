import {
  type FileAddress,
  type FileService,
  SessionError,
  type SessionFile,
  type Upload,
  type UploadState,
} from '@ovfkit/domain';
import { sessionKey } from '../blob-key.ts';
import type { Principal } from '../core.ts';
import type { ReceivingSession } from '../received.ts';
import type { Receiver } from '../receiver.ts';
import { answerSender } from '../shared-blobs.ts';
import { completeKnown } from './known-file.ts';
import { uploadArchive } from './upload-archive.ts';
import { uploadFile } from './upload-file.ts';

/** The receivers of imports and probes. */
export type Receivers = Readonly<Record<'import' | 'probe', Receiver>>;

/** Uploads of one caller. A file that is complete is never written again. */
export function createUploads(receivers: Receivers, principal: Principal): Pick<FileService, 'upload' | 'uploadState'> {
  return {
    async upload(input, options) {
      options?.signal?.throwIfAborted();
      const { receiver, session, file } = await locate({ receivers, principal, address: input });
      if (session.createSpec.sourceType !== 'PUSH_SOURCE')
        throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', 'The files of this session are fetched, not pushed.');
      if (file.status === 'complete') return repeated(file, input);
      if (!acceptingStates.has(session.state))
        throw new SessionError(
          'NOT_ALLOWED_IN_CURRENT_STATE',
          `No file can be sent while the session is ${session.state}.`,
        );
      const key = sessionKey({ kind: receiver.kind, id: session.id });
      return receiver.core.jobs.during(key, (stopped) => {
        const signal = options?.signal === undefined ? stopped : AbortSignal.any([stopped, options.signal]);
        const uploading = { session, file, upload: input, signal };
        return file.fileType === 'OVA' ? uploadArchive(receiver, uploading) : uploadFile(receiver, uploading);
      });
    },
    async uploadState(input) {
      const { receiver, session, file } = await locate({ receivers, principal, address: input });
      if (file.status === 'complete') return { offset: file.size, isComplete: true };
      // a part of an archive starts anew each time
      if (file.fileType === 'OVA') return { offset: 0, isComplete: false };
      const { core, kind } = receiver;
      const isTaken = session.createSpec.sourceType === 'PUSH_SOURCE' && acceptingStates.has(session.state);
      return answerSender(core, {
        session: { kind, id: session.id },
        name: file.name,
        known: isTaken ? input.known : undefined,
        reader: principal,
        complete: (known) => completeKnown(receiver, { session, file, known, reader: principal }),
      });
    },
  };
}

const acceptingStates: ReadonlySet<string> = new Set([
  'IMPORT_OVF_TRANSFER',
  'IMPORT_MSG_BUNDLES_TRANSFER',
  'IMPORT_SELECTING_OVF_PARAMS',
  'IMPORT_FILE_TRANSFER',
  'PROBE_IMPORT_OVF_TRANSFER',
  'PROBE_IMPORT_MSG_BUNDLES_TRANSFER',
]);

/**
 * A client that lost the answer to its last byte sends the file again: it is told that all is here, without reading,
 * when it proves by digest or by offset that it means the same bytes. Anything else would be silently thrown away.
 */
function repeated(file: SessionFile, { offset, sha256 }: Upload): UploadState {
  const isSame = sha256 === undefined ? offset > 0 && offset === file.size : sha256 === file.sha256;
  if (isSame) return { offset: file.size, isComplete: true };
  throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `${file.name} is complete already.`);
}

interface Located {
  readonly receiver: Receiver;
  readonly session: ReceivingSession;
  readonly file: SessionFile;
}

async function locate({
  receivers,
  principal,
  address,
}: {
  readonly receivers: Receivers;
  readonly principal: Principal;
  readonly address: FileAddress;
}): Promise<Located> {
  if (address.kind !== 'import' && address.kind !== 'probe')
    throw new SessionError('NOT_ALLOWED_IN_CURRENT_STATE', `Files of an ${address.kind} are downloaded.`);
  const receiver = receivers[address.kind];
  const session = await receiver.flow.use(address.sessionId, principal);
  const file = session.files.find(({ name }) => name === address.file.name);
  if (file === undefined) throw new SessionError('NOT_FOUND', `The session has no file ${address.file.name}.`);
  return { receiver, session, file };
}
