import { SessionError } from '@ovfkit/domain';

const lookEveryMs = 1_000;

/** Bytes of a transfer for as long as the login stands that its URL was made for. @throws SessionError UNAUTHORIZED */
export async function* whileStanding(
  bytes: AsyncIterable<Uint8Array>,
  stands: () => Promise<boolean>,
): AsyncGenerator<Uint8Array> {
  let lookAt = performance.now() + lookEveryMs;
  for await (const chunk of bytes) {
    if (performance.now() >= lookAt) {
      if (!(await stands())) throw endedWithLogin();
      lookAt = performance.now() + lookEveryMs;
    }
    yield chunk;
  }
}

/** What is told to whoever uses a URL of a login that has ended. */
export const endedWithLogin = (): SessionError =>
  new SessionError('UNAUTHORIZED', 'This file URL has ended with the login that it was made for.');
