import { SessionError, type Upload, type UploadState } from '@ovfkit/domain';
import type { FastifyRequest } from 'fastify';
import { errorAnswer, sendAnswer } from './answer.ts';
import { readReprDigest } from './repr-digest.ts';
import { requestBytes } from './request-body.ts';
import type { Transfer } from './transfer.ts';
import { whileStanding } from './while-standing.ts';

/** `PUT` and `POST`: the whole file (contract, section 11.5). What arrived of a broken one is kept. */
export async function receiveFile(transfer: Transfer): Promise<void> {
  const { headers } = transfer.request;
  // RFC 9110, section 14.5: a server that does not store parts by PUT must not take one for the whole
  if (headers['content-range'] !== undefined)
    throw new SessionError(
      'INVALID_REQUEST',
      'A part of a file is sent by PATCH with Upload-Offset, not by Content-Range.',
    );
  const length = contentLength(transfer.request);
  return receive(transfer, { offset: 0, ...(length === undefined ? {} : { size: length }), bytes: bodyOf(transfer) });
}

/**
 * `PATCH`: appends at `Upload-Offset` (IETF resumable uploads; an extension of the contract). With `Upload-Complete: ?0`
 * more is to come, otherwise this is the rest.
 */
export async function receiveRest(transfer: Transfer): Promise<void> {
  const { headers } = transfer.request;
  if (!/^application\/partial-upload\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    const error = new SessionError('INVALID_REQUEST', 'PATCH takes Content-Type: application/partial-upload only.');
    return sendAnswer(transfer.reply, { ...errorAnswer(error, 'rest'), status: 415 });
  }
  const offset = wholeNumber(headers['upload-offset']);
  if (offset === undefined)
    throw new SessionError('INVALID_REQUEST', 'PATCH needs Upload-Offset: the number of bytes that HEAD gave.');
  const isRest = headers['upload-complete'] !== '?0';
  const length = contentLength(transfer.request);
  if (!isRest && length === 0) return tellUploadState(transfer);
  const rest = isRest && length !== undefined ? offset + length : undefined;
  const size = wholeNumber(headers['upload-length']) ?? rest;
  const bytes = isRest || size !== undefined ? bodyOf(transfer) : unfinished(bodyOf(transfer));
  return receive(transfer, { offset, ...(size === undefined ? {} : { size }), bytes });
}

/**
 * `HEAD`: how far the upload is, for a client that wants to go on with it. A `PATCH` that brings nothing and says with
 * `Repr-Digest` and `Upload-Length` what the file will be asks as well whether the bytes are here already: the file is complete then.
 * One that says its length alone is answered with `Want-Repr-Digest` (RFC 9530) when the digest may spare it the rest.
 */
export async function tellUploadState({ backend, address, request, reply, uploads }: Transfer): Promise<void> {
  await uploads.makeWay(address);
  const { method, headers } = request;
  const sha256 = method === 'PATCH' ? readReprDigest(headers['repr-digest']) : undefined;
  const size = wholeNumber(headers['upload-length']);
  const isAsking = method === 'PATCH' && size !== undefined;
  const known = isAsking ? { known: { size, ...(sha256 === undefined ? {} : { sha256 }) } } : {};
  const state = await backend.files.uploadState({ ...address, ...known });
  return sendAnswer(reply, { status: 204, headers: { ...stateHeaders(state), 'Cache-Control': 'no-store' } });
}

/** The end of a part that is not the end of the file: for the backend the stream breaks off, and what came is kept. */
class PartEnded extends Error {
  override readonly name = 'PartEnded';
}

async function* unfinished(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
  throw new PartEnded('The part is over, the file is not.');
}

async function receive(transfer: Transfer, upload: Pick<Upload, 'offset' | 'size' | 'bytes'>): Promise<void> {
  const { backend, user, address, request, reply, uploads, pool } = transfer;
  if (!['identity', undefined].includes(request.headers['content-encoding']?.toLowerCase()))
    throw new SessionError('UNSUPPORTED', 'Files are taken without Content-Encoding only.');
  const sha256 = readReprDigest(request.headers['repr-digest']);
  try {
    const state = await uploads.run({ address, user, request: request.raw }, (metered) =>
      // no abort signal: a broken connection ends the bytes, and what came before is still to be flushed
      backend.files.upload({
        ...address,
        ...upload,
        ...(sha256 === undefined ? {} : { sha256 }),
        bytes: metered(upload.bytes),
        release: pool.release,
      }),
    );
    return sendAnswer(reply, { status: state.isComplete ? 201 : 200, headers: stateHeaders(state) });
  } catch (error) {
    if (error instanceof PartEnded) {
      const state = await backend.files.uploadState(address);
      return sendAnswer(reply, { status: 200, headers: stateHeaders(state) });
    }
    // to a client of plain HTTP this says it best; the error in the body is the contract's
    if (error instanceof SessionError && error.kind === 'UNABLE_TO_ALLOCATE_RESOURCE')
      return sendAnswer(reply, { ...errorAnswer(error, 'rest'), status: 507 });
    if (!(error instanceof SessionError && error.kind === 'CONCURRENT_CHANGE')) throw error;
    const headers = stateHeaders(await backend.files.uploadState(address));
    return sendAnswer(reply, { ...errorAnswer(error, 'rest'), headers });
  }
}

const stateHeaders = ({ offset, isComplete, isDigestWanted = false }: UploadState) => ({
  'Upload-Offset': String(offset),
  'Upload-Complete': isComplete ? '?1' : '?0',
  ...(isDigestWanted ? { 'Want-Repr-Digest': 'sha-256=10' } : {}),
});

const bodyOf = ({ request, reply, pace, pool, stands }: Transfer): AsyncIterable<Uint8Array> =>
  whileStanding(requestBytes({ request: request.raw, response: reply.raw, pace, allocate: pool.allocate }), stands);

const contentLength = ({ headers }: FastifyRequest): number | undefined =>
  headers['transfer-encoding'] === undefined ? wholeNumber(headers['content-length'] ?? '0') : undefined;

function wholeNumber(header: string | readonly string[] | undefined): number | undefined {
  if (typeof header !== 'string' || !/^\d+$/.test(header)) return undefined;
  const value = Number(header);
  return Number.isSafeInteger(value) ? value : undefined;
}
