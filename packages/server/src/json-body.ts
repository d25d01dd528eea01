import { SessionError } from '@ovfkit/domain';
import { type RequestBody, requestBytes } from './request-body.ts';

/** Reads the JSON of requests. */
export interface JsonReader {
  /**
   * The JSON of a request of `user`; nothing when it has no body. The content type is not looked at: no page of another site
   * gets here with the cookie.
   * @throws SessionError INVALID_REQUEST when it is not JSON, or longer, deeper or of more values than is taken;
   *   SERVICE_UNAVAILABLE when the user is sending too much at once
   */
  read(body: RequestBody, user: string): Promise<unknown>;
}

// Many times what any call needs. A value costs far more than the byte it may be sent as, and so does complaining of it.
const mostValues = 200_000;
const deepest = 100;

/** Bodies of at most `limit` bytes; of one user twice as much is under way at a time. */
export function createJsonReader(limit: number): JsonReader {
  const underWay = new Map<string, number>();
  const hold = (user: string, bytes: number): void => {
    const held = (underWay.get(user) ?? 0) + bytes;
    if (held === 0) underWay.delete(user);
    else underWay.set(user, held);
  };
  const invalid = (text: string) => new SessionError('INVALID_REQUEST', `The request body ${text}.`);
  const tooLong = () => invalid(`is longer than ${limit} bytes, the most that is taken`);
  return {
    async read(body, user) {
      if (Number(body.request.headers['content-length'] ?? 0) > limit) throw tooLong();
      const chunks: Uint8Array[] = [];
      let size = 0;
      try {
        for await (const chunk of requestBytes(body)) {
          size += chunk.length;
          hold(user, chunk.length);
          if (size > limit) throw tooLong();
          if ((underWay.get(user) ?? 0) > 2 * limit)
            throw new SessionError('SERVICE_UNAVAILABLE', `Too many large calls of ${user} are under way. Try again.`);
          chunks.push(chunk);
        }
        const bytes = Buffer.concat(chunks);
        if (isTooMuch(bytes)) throw invalid(`has more than ${mostValues} values, or more than ${deepest} levels`);
        return size === 0 ? undefined : parse(bytes);
      } finally {
        hold(user, -size);
      }
    },
  };
}

const halfPair = /\\u[dD][89a-fA-F]/; // also of a whole one
const half = /\p{Surrogate}/u;

function parse(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text, halfPair.test(text) ? refuseHalfPairs : undefined);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : '';
    throw new SessionError('INVALID_REQUEST', `The request body is not JSON in UTF-8: ${reason}`, { cause });
  }
}

/** RFC 8259, section 8.2: half of a surrogate pair can be escaped, but is no text: no URL and no file can be named by it. */
function refuseHalfPairs(key: string, value: unknown): unknown {
  for (const text of [key, value])
    if (typeof text === 'string' && half.test(text)) throw new Error('a text has half of a surrogate pair.');
  return value;
}

const [quote, backslash, comma, list, object, listEnd, objectEnd] = Buffer.from('"\\,[{]}');

/** Looks at the marks outside of texts, before anything is made of them. */
function isTooMuch(bytes: Uint8Array): boolean {
  let values = 1;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (isText && byte === backslash) at += 1;
    else if (byte === quote) isText = !isText;
    else if (isText) continue;
    else if (byte === comma) values += 1;
    else if (byte === listEnd || byte === objectEnd) depth -= 1;
    else if (byte === list || byte === object) {
      values += 1;
      depth += 1;
    }
    if (depth > deepest || values > mostValues) return true;
  }
  return false;
}
