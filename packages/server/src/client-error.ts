import type { Socket } from 'node:net';
import { SessionError } from '@ovfkit/domain';
import { errorAnswer } from './answer.ts';
import { STATUS_CODES } from './node-http.ts';

const reasons: ReadonlyMap<unknown, readonly [number, string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'The header of the request is too long.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The header of the request did not arrive in time.']],
]);

/** Answers a request that never became one, and ends its connection. */
export function answerClientError(error: Error, socket: Socket): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, text] = reasons.get(code) ?? [400, 'This is not a request of HTTP/1.1.'];
  const body = JSON.stringify(errorAnswer(new SessionError('INVALID_REQUEST', text), 'rest').body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
