import {
  type ChunkPool,
  type DownloadFileInfo,
  type FileAddress,
  type SessionBackend,
  SessionError,
  type TransferEndpoint,
  type TransferFile,
  type UpdateFileInfo,
} from '@ovfkit/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer, sendAnswer } from './answer.ts';
import { describeFile, sendFile } from './download.ts';
import type { FileUrls } from './file-url.ts';
import type { PaceLimits } from './pace.ts';
import type { Principal } from './principal.ts';
import type { Note } from './request-report.ts';
import type { RunningUploads } from './running-uploads.ts';
import { receiveFile, receiveRest, tellUploadState } from './upload.ts';
import { endedWithLogin } from './while-standing.ts';

export interface TransferOptions {
  backendFor(principal: Principal): SessionBackend;
  readonly urls: FileUrls;
  /** A principal of an earlier login as it is now; nothing when it has ended. */
  standing(principal: Principal): Promise<Principal | undefined>;
  readonly uploads: RunningUploads;
  readonly pace: PaceLimits;
  /** Memory for what arrives. */
  readonly pool: ChunkPool;
  readonly note: Note;
  /** Told when a file could not be sent to its end, and not by the client's doing. */
  onBroken(request: FastifyRequest, error: unknown): void;
}

/** One request for one file: whose it is was checked. */
export interface Transfer {
  readonly backend: SessionBackend;
  readonly user: string;
  readonly address: FileAddress;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly uploads: RunningUploads;
  readonly pace: PaceLimits;
  readonly pool: ChunkPool;
  /** Whether the login still is what the URL was made for. */
  readonly stands: () => Promise<boolean>;
  readonly onBroken: (error: unknown) => void;
}

/** What is in the path of a file URL. */
export interface FileParams {
  readonly Params: { readonly capability: string; readonly name: string };
}

type Handler = (transfer: Transfer) => Promise<void>;

const uploadHandlers = new Map<string, Handler>([
  ['PUT', receiveFile],
  ['POST', receiveFile],
  ['PATCH', receiveRest],
  ['HEAD', tellUploadState],
]);
const downloadHandlers = new Map<string, Handler>([
  ['GET', sendFile],
  ['HEAD', describeFile],
]);

/**
 * Serves file URLs. The capability in the URL is all the authority needed, and it is for one direction.
 * @throws SessionError as the contract's operations do; NOT_FOUND when the session no longer has the file
 */
export async function serveTransfer(
  { backendFor, standing, urls, uploads, pace, pool, note, onBroken }: TransferOptions,
  request: FastifyRequest<FileParams>,
  reply: FastifyReply,
): Promise<void> {
  const { capability, name } = request.params;
  const { kind, sessionId, principal: maker } = urls.read(capability, name);
  const isSent = kind === 'export' || kind === 'download';
  const operation = `file.${isSent ? 'download' : 'upload'}`;
  note(request, { user: maker.user, operation, target: { [kind]: sessionId, file: name } });
  const principal = await standing(maker);
  if (principal === undefined) throw endedWithLogin();
  const handlers = isSent ? downloadHandlers : uploadHandlers;
  const handler = handlers.get(request.method);
  if (handler === undefined) {
    refuseMethod(reply, [...handlers.keys()]);
    return;
  }
  const backend = backendFor(principal);
  const file = (await filesOf(backend, { kind, sessionId })).find((each) => each.name === name);
  if (file === undefined) throw new SessionError('NOT_FOUND', `The session has no file ${name}.`);
  return handler({
    backend,
    user: principal.user,
    address: { kind, sessionId, file },
    request,
    reply,
    uploads,
    pace,
    pool,
    stands: async () => (await standing(maker)) !== undefined,
    onBroken: (error) => onBroken(request, error),
  });
}

function refuseMethod(reply: FastifyReply, allowed: readonly string[]): void {
  const error = new SessionError('UNSUPPORTED', `A file of this session takes ${allowed.join(', ')}.`);
  sendAnswer(reply, { ...errorAnswer(error, 'rest'), status: 405, headers: { Allow: allowed.join(', ') } });
}

async function filesOf(
  backend: SessionBackend,
  { kind, sessionId }: Pick<FileAddress, 'kind' | 'sessionId'>,
): Promise<readonly TransferFile[]> {
  const input = { id: sessionId };
  switch (kind) {
    case 'import':
      return (await backend.importSession.get(input)).files;
    case 'probe':
      return (await backend.probeImportSession.get(input)).files;
    case 'export':
      return (await backend.exportSession.get(input)).files;
    case 'update':
      return (await backend.contentLibrary.updateSessionFile.list({ updateSessionId: sessionId })).map(updateFile);
    case 'download':
      return (await backend.contentLibrary.downloadSessionFile.list({ downloadSessionId: sessionId })).map(
        downloadFile,
      );
  }
}

const fileAt = (name: string, endpoint: TransferEndpoint | undefined): TransferFile => ({
  name,
  ...(endpoint === undefined ? {} : { fileUrl: endpoint.uri }),
});
const updateFile = ({ name, uploadEndpoint }: UpdateFileInfo) => fileAt(name, uploadEndpoint);
const downloadFile = ({ name, downloadEndpoint }: DownloadFileInfo) => fileAt(name, downloadEndpoint);
