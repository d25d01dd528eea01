import { createHash } from 'node:crypto';
import { SessionError } from '@ovfkit/domain';
import { type Dialect, encodeResponse, headerOnlyLogin, loginRoutes, sessionHeader } from '@ovfkit/domain/wire';
import type { FastifyRequest } from 'fastify';
import { type Answer, errorAnswer } from './answer.ts';
import type { ApiToken, ApiTokens } from './api-tokens.ts';
import { clientKey } from './client-key.ts';
import { type Attempt, createLoginLimit } from './login-limit.ts';
import type { Principal } from './principal.ts';
import type { Note } from './request-report.ts';

export interface Login {
  readonly tokens: ApiTokens;
  /** Slows down guesses. Resolves to an outcome, never rejects for a wrong password. */
  attempt(attempt: LoginAttempt): Promise<Attempt<Principal>>;
  /** Whether there is a user of that name. */
  isUser(name: string): Promise<boolean>;
  /** A principal of an earlier login as it is now; nothing when its user is gone or has another password. */
  standing(principal: Principal): Promise<Principal | undefined>;
}

interface LoginAttempt {
  readonly user: string;
  readonly password: string;
  /** Of the client. */
  readonly address: string;
}

export interface LoginOptions extends Pick<Login, 'tokens' | 'isUser' | 'standing'> {
  /** Resolves to nothing when the password is wrong or the user unknown, in the same time. */
  authenticate(user: string, password: string): Promise<Principal | undefined>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/**
 * Failures count for a user at an address, so that one guesser locks nobody out elsewhere; and, later and shorter, for the
 * address, so that trying many names is no way around it. Attempts of one address run one after another: each costs
 * a tenth of a second of a processor, and nobody may take them all.
 */
export function createLogin({ tokens, isUser, standing, authenticate, clock }: LoginOptions): Login {
  const ofUser = createLoginLimit({ clock });
  const ofAddress = createLoginLimit({ clock, freeFailures: 30, longestWaitMs: 5_000 });
  return {
    tokens,
    isUser,
    standing,
    async attempt({ user, password, address }) {
      const client = clientKey(address);
      let inner: Attempt<Principal> = { outcome: 'rejected' };
      const outer = await ofAddress.attempt(client, async () => {
        inner = await ofUser.attempt(keyOf(user, client), () => authenticate(user, password));
        return inner.outcome === 'accepted' ? inner : undefined;
      });
      return outer.outcome === 'tooMany' ? outer : inner;
    },
  };
}

// of one length, for names may be as long as headers
const keyOf = (user: string, client: string): string =>
  createHash('sha256')
    .update(JSON.stringify([user, client]))
    .digest('base64');

/** Who sent a request, by its header or else its cookie. @throws SessionError UNAUTHENTICATED */
export async function whoIs({ tokens, standing }: Login, request: FastifyRequest): Promise<ApiToken> {
  const token = tokenOf(request);
  if (token === undefined) {
    throw new SessionError(
      'UNAUTHENTICATED',
      `This needs an API session: log in by POST /rest/com/vmware/cis/session, then send its token as ${sessionHeader}.`,
    );
  }
  const found = tokens.find(token);
  const principal = found && (await standing(found.principal));
  if (found === undefined || principal === undefined) {
    tokens.revoke(token);
    throw new SessionError('UNAUTHENTICATED', 'The API session has ended. Log in again.');
  }
  return { ...found, principal };
}

function tokenOf({ headers }: FastifyRequest): string | undefined {
  const header = headers[sessionHeader];
  if (typeof header === 'string' && header !== '') return header;
  // to SameSite a page of another port is ours, and one of a neighbour's name
  if (!['same-origin', 'none', undefined].includes(headers['sec-fetch-site']?.toString())) return undefined;
  const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim());
  return cookies.find((each) => each.startsWith(`${sessionHeader}=`))?.slice(sessionHeader.length + 1);
}

/** Serves the four forms of the API session (contract, section 1.3). */
export async function serveLogin(
  { login, note }: { readonly login: Login; readonly note: Note },
  { route, dialect }: { readonly route: (typeof loginRoutes)[keyof typeof loginRoutes]; readonly dialect: Dialect },
  request: FastifyRequest,
): Promise<Answer> {
  const noteCaller = (user: string) => note(request, { user, operation: `session.${route.operation}` });
  switch (route.operation) {
    case 'create': {
      const credentials = credentialsOf(request.headers.authorization);
      noteCaller(await nameToTell(login, credentials.user));
      return logIn(login, { ...credentials, dialect }, request);
    }
    case 'delete':
      noteCaller((await whoIs(login, request)).principal.user);
      login.tokens.revoke(tokenOf(request) ?? '');
      return {
        ...encodeResponse(route, undefined, dialect),
        headers: { 'Set-Cookie': `${cookie('', request)}; Max-Age=0` },
      };
    default: {
      const { principal, createdAt, lastAccessedAt } = await whoIs(login, request);
      const session = {
        user: principal.user,
        createdTime: new Date(createdAt).toISOString(),
        lastAccessedTime: new Date(lastAccessedAt).toISOString(),
      };
      return encodeResponse(route, session, dialect);
    }
  }
}

/** A name that nobody has may be a password, typed into the wrong field. */
const nameToTell = async ({ isUser }: Login, name: string): Promise<string> =>
  (await isUser(name)) ? name : `(no user, ${name.length} characters)`;

async function logIn(
  login: Login,
  { dialect, ...credentials }: Omit<LoginAttempt, 'address'> & { readonly dialect: Dialect },
  request: FastifyRequest,
): Promise<Answer> {
  const attempt = await login.attempt({ ...credentials, address: request.ip });
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
