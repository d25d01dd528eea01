import { SessionError } from '@ovfkit/domain';
import { decodeResponse, encodeRequest, headerOnlyLogin, loginRoutes, sessionHeader } from '@ovfkit/domain/wire';
import { type Answer, sendJson } from './json.ts';
import type { Server } from './server.ts';

/** How to prove who calls. */
export type Credentials =
  | { readonly user: string; readonly password: string; readonly token?: never }
  /** The token of an API session that someone else opened, and closes. */
  | { readonly token: string; readonly user?: never; readonly password?: never };

/** The API session: opened when first needed, and again when the server has forgotten it. */
export interface Login {
  token(signal?: AbortSignal): Promise<string>;
  /**
   * A token other than `stale`, which the server refused. Many calls that were refused at once share one login.
   * @throws SessionError UNAUTHENTICATED
   */
  renew(stale: string, signal?: AbortSignal): Promise<string>;
  /** Logs out, unless the token was given. Failures are left to the server's own timeout. */
  end(): Promise<void>;
}

/** Nothing is sent before the first `token`. */
export function createLogin(server: Server, credentials: Credentials): Login {
  const ending = new AbortController();
  let current = credentials.token === undefined ? undefined : Promise.resolve(credentials.token);
  const logIn = (): Promise<string> => {
    if (credentials.user === undefined) return Promise.reject(refusedToken(server));
    const opening = openSession(server, { ...credentials, signal: ending.signal });
    current = opening;
    opening.catch(() => {
      if (current === opening) current = undefined; // so that the next call tries again
    });
    return opening;
  };
  return {
    token: (signal) => untilAborted(current ?? logIn(), signal),
    async renew(stale, signal) {
      const known = await untilAborted(current ?? logIn(), signal);
      if (known !== stale) return known;
      return untilAborted(logIn(), signal);
    },
    async end() {
      ending.abort(); // whoever leaves does not wait for a login that is not answered
      const token = await current?.catch(() => undefined);
      current = undefined;
      if (token === undefined || credentials.user === undefined) return;
      const { method, path } = encodeRequest(loginRoutes.delete, {}, 'rest');
      await sendJson({ ...server.request(path), method, headers: { [sessionHeader]: token }, timeoutMs: 5_000 }).catch(
        () => undefined,
      );
    },
  };
}

/** A caller that gives up must not take the others' login with it. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function openSession(
  server: Server,
  { user, password, signal }: { readonly user: string; readonly password: string; readonly signal: AbortSignal },
): Promise<string> {
  const { method, path } = encodeRequest(loginRoutes.create, {}, 'rest');
  const authorization = `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  const answer = await sendJson({
    ...server.request(path),
    method,
    headers: { authorization, [headerOnlyLogin]: 'true' },
    signal,
  });
  if (answer.status === 404 || answer.status === 405) throw await explainNoLogin(answer.status, { server, signal });
  return readToken(answer, { server, user });
}

function readToken(answer: Answer, { server, user }: { readonly server: Server; readonly user: string }): string {
  if (answer.status === 401)
    throw new SessionError(
      'UNAUTHENTICATED',
      `${server.place} does not accept the password of ${user}. Check user and password.`,
    );
  const token = decodeResponse(loginRoutes.create, answer, 'rest');
  if (token !== undefined && token !== '') return token;
  throw new SessionError('INTERNAL_SERVER_ERROR', `${server.place} gave no token at login.`);
}

/** A vCenter whose `/rest` is switched off still has `/api`, and there the flags of exports (contract, section 13). */
async function explainNoLogin(
  status: number,
  { server, signal }: { readonly server: Server; readonly signal: AbortSignal },
): Promise<SessionError> {
  const flags = await sendJson({ ...server.request(flagsPath), method: 'GET', headers: {}, signal }).catch(
    () => undefined,
  );
  const isVcenter = flags !== undefined && [200, 401, 403].includes(flags.status);
  return new SessionError(
    'OPERATION_NOT_FOUND',
    isVcenter
      ? `${server.place} is a vCenter without /rest: it answers ${flagsPath}, but not ${loginRoutes.create.path} (status ${status}). Its OVF session API is only there; ask for /rest to be switched on, or use an ovfkitd.`
      : `${server.place} has no login at ${loginRoutes.create.path} (status ${status}). Check that the URL is that of a vCenter or an ovfkitd.`,
  );
}

const flagsPath = '/api/vcenter/ovf/export-flag';

const refusedToken = (server: Server): SessionError =>
  new SessionError(
    'UNAUTHENTICATED',
    `${server.place} does not accept the session token, or it has expired. Log in again and give the new token, or give user and password.`,
  );
