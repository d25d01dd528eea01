import { randomUUID } from 'node:crypto';
import { type CallOptions, type SessionBackend, SessionError } from '@ovfkit/domain';
import {
  type Dialect,
  decodeRequest,
  encodeResponse,
  loginRoutes,
  operations,
  routeMatcher,
} from '@ovfkit/domain/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, errorAnswer, sendAnswer, unknownPath } from './answer.ts';
import type { JsonReader } from './json-body.ts';
import { preferredLocale } from './locale.ts';
import { type Login, serveLogin, whoIs } from './login.ts';
import type { PaceLimits } from './pace.ts';
import { mayCall, type Principal } from './principal.ts';
import type { Note } from './request-report.ts';

export interface RouterOptions {
  readonly login: Login;
  /** The backend as one caller sees it; `origin` is the base of the URLs in its answers. */
  backendFor(principal: Principal, origin: string): SessionBackend;
  /** The base URL that the client of a request uses. */
  originOf(request: FastifyRequest): string;
  readonly note: Note;
  readonly json: JsonReader;
  readonly pace: PaceLimits;
}

const matchOperation = routeMatcher(operations);
const matchLogin = routeMatcher(Object.values(loginRoutes));

/** Serves every operation of the contract in both dialects: match, who, body, call, encode. */
export async function serveOperation(
  options: RouterOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const url = urlOf(request);
  const login = matchLogin(request.method, url);
  if (login) return sendAnswer(reply, await serveLogin(options, login, request));
  const match = matchOperation(request.method, url);
  if (match === undefined) throw unknownPath(request.method, url.pathname);
  // before the body: a caller without a token may not make us read
  const { principal } = await whoIs(options.login, request);
  const operation = `${match.route.service}.${match.route.operation}`;
  options.note(request, { user: principal.user, operation, target: Object.fromEntries(match.pathValues) });
  if (!mayCall(principal.role, match.route))
    throw new SessionError(
      'UNAUTHORIZED',
      `A ${principal.role} may not call ${match.route.service}.${match.route.operation}.`,
    );
  const body = await bodyOf(options, { request, reply, user: principal.user });
  const parts = { pathValues: match.pathValues, query: url.searchParams, body };
  const input = decodeRequest(match.route, parts, match.dialect);
  const backend = options.backendFor(principal, options.originOf(request));
  const output = await match.route.call(backend, input, callOptions(request, reply));
  if (match.route.operation.startsWith('create') && typeof output === 'string') options.note(request, { made: output });
  return sendAnswer(reply, encodeResponse(match.route, output, match.dialect));
}

// Only the path and query count: what an absolute request target says about the host is no concern of ours.
function urlOf(request: FastifyRequest): URL {
  const { pathname, search } = new URL(request.url, 'http://localhost/');
  return new URL(`http://localhost${pathname}${search}`);
}

interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly user: string;
}

async function bodyOf({ json, pace }: RouterOptions, { request, reply, user }: Call): Promise<unknown> {
  if (request.method !== 'POST' && request.method !== 'PATCH') return undefined;
  return json.read({ request: request.raw, response: reply.raw, pace }, user);
}

function callOptions(request: FastifyRequest, reply: FastifyReply): CallOptions {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished)
      controller.abort(new SessionError('CANCELED', 'The client closed the connection.'));
  });
  const locale = preferredLocale(request.headers['accept-language']);
  return { signal: controller.signal, ...(locale === undefined ? {} : { locale }) };
}

/** What is told about an error that is not the caller's doing. */
export interface ErrorReport {
  readonly error: unknown;
  /** As the answer gives it, where it gives one. */
  readonly id: string;
  readonly method: string;
  /** Without capabilities. */
  readonly path: string;
}

/** Any error as an answer. What is not meant for clients stays here: they get an id to ask about. */
export function answerError(error: unknown, report: (id: string, error: unknown) => void, dialect: Dialect): Answer {
  const id = randomUUID();
  if (error instanceof SessionError) {
    const answer = errorAnswer(error, dialect);
    if (answer.status >= 500) report(id, error);
    return answer;
  }
  if (isRefusalOfFramework(error)) return errorAnswer(new SessionError('INVALID_REQUEST', error.message), dialect);
  report(id, error);
  const text = `The service failed. Its log has more about it under ${id}.`;
  return errorAnswer(new SessionError('INTERNAL_SERVER_ERROR', text), dialect);
}

/** A request that the framework could not take, such as one with a malformed content type. */
const isRefusalOfFramework = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  String(error.code).startsWith('FST_') &&
  'statusCode' in error &&
  Number(error.statusCode) < 500;
