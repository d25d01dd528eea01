import { SessionError } from '@ovfkit/domain';
import { type RequestBody, requestBytes } from './request-body.ts';

/**
 * The JSON of a request; nothing when it has no body. The content type is not looked at: the cookie is `SameSite`, so
 * no form of another site gets here with it.
 * @throws SessionError INVALID_REQUEST when it is longer than `limit` bytes or not JSON
 */
export async function readJson(body: RequestBody, limit: number): Promise<unknown> {
  const tooLong = () =>
    new SessionError('INVALID_REQUEST', `The request body is longer than ${limit} bytes, the most that is taken.`);
  if (Number(body.request.headers['content-length'] ?? 0) > limit) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of requestBytes(body)) {
    size += chunk.length;
    if (size > limit) throw tooLong();
    chunks.push(chunk);
  }
  return size === 0 ? undefined : parse(Buffer.concat(chunks));
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new SessionError('INVALID_REQUEST', `The request body is not JSON in UTF-8: ${reason}`, { cause });
  }
}
