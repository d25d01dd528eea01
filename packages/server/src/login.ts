import { SessionError } from '@ovfkit/domain';
import { type Dialect, encodeResponse, headerOnlyLogin, loginRoutes, sessionHeader } from '@ovfkit/domain/wire';
import type { FastifyRequest } from 'fastify';
import { type Answer, errorAnswer } from './answer.ts';
import type { ApiToken, ApiTokens } from './api-tokens.ts';
import type { LoginLimit } from './login-limit.ts';
import type { Principal } from './principal.ts';

export interface Login {
  readonly tokens: ApiTokens;
  readonly limit: LoginLimit;
  /** Resolves to nothing when the password is wrong or the user unknown, in the same time. */
  authenticate(user: string, password: string): Promise<Principal | undefined>;
}

/** Who sent a request, by its header or else its cookie. @throws SessionError UNAUTHENTICATED */
export function whoIs({ tokens }: Login, request: FastifyRequest): ApiToken {
  const token = tokenOf(request);
  if (token === undefined) {
    throw new SessionError(
      'UNAUTHENTICATED',
      `This needs an API session: log in by POST /rest/com/vmware/cis/session, then send its token as ${sessionHeader}.`,
    );
  }
  const found = tokens.find(token);
  if (found === undefined) throw new SessionError('UNAUTHENTICATED', 'The API session has ended. Log in again.');
  return found;
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  const header = headers[sessionHeader];
  if (typeof header === 'string' && header !== '') return header;
  const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim());
  return cookies.find((each) => each.startsWith(`${sessionHeader}=`))?.slice(sessionHeader.length + 1);
}

/** Serves the four forms of the API session (contract, section 1.3). */
export async function serveLogin(
  login: Login,
  { route, dialect }: { readonly route: (typeof loginRoutes)[keyof typeof loginRoutes]; readonly dialect: Dialect },
  request: FastifyRequest,
): Promise<Answer> {
  switch (route.operation) {
    case 'create':
      return logIn(login, dialect, request);
    case 'delete':
      whoIs(login, request);
      login.tokens.revoke(tokenOf(request) ?? '');
      return {
        ...encodeResponse(route, undefined, dialect),
        headers: { 'Set-Cookie': `${cookie('', request)}; Max-Age=0` },
      };
    default: {
      const { principal, createdAt, lastAccessedAt } = whoIs(login, request);
      const session = {
        user: principal.user,
        createdTime: new Date(createdAt).toISOString(),
        lastAccessedTime: new Date(lastAccessedAt).toISOString(),
      };
      return encodeResponse(route, session, dialect);
    }
  }
}

async function logIn(login: Login, dialect: Dialect, request: FastifyRequest): Promise<Answer> {
  const { user, password } = credentialsOf(request.headers.authorization);
  // by both: one guesser neither locks out the user elsewhere nor others behind the same address
  const attempt = await login.limit.attempt(JSON.stringify([user, request.ip]), () =>
    login.authenticate(user, password),
  );
  switch (attempt.outcome) {
    case 'rejected':
      throw new SessionError('UNAUTHENTICATED', 'The user name or the password is wrong.');
    case 'tooMany': {
      const seconds = Math.ceil(attempt.retryAfterMs / 1000);
      const text = `Too many logins of this user failed. The next one is tried in ${seconds} seconds.`;
      const answer = errorAnswer(new SessionError('SERVICE_UNAVAILABLE', text), dialect);
      return { ...answer, headers: { 'Retry-After': String(seconds) } };
    }
    case 'accepted': {
      const token = login.tokens.issue(attempt.who);
      const isHeaderOnly = String(request.headers[headerOnlyLogin]).toLowerCase() === 'true';
      const headers = isHeaderOnly ? {} : { 'Set-Cookie': cookie(token, request) };
      return { ...encodeResponse(loginRoutes.create, token, dialect), headers };
    }
  }
}

const cookie = (token: string, { protocol }: FastifyRequest): string =>
  `${sessionHeader}=${token}; Path=/; HttpOnly; SameSite=Strict${protocol === 'https' ? '; Secure' : ''}`;

// Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==
function credentialsOf(header: string | undefined): { readonly user: string; readonly password: string } {
  const [, encoded] = /^basic +([a-z0-9+/=_-]+) *$/i.exec(header ?? '') ?? [];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new SessionError('UNAUTHENTICATED', 'Log in with HTTP Basic: a user name and a password.');
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
