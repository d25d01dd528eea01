import { randomUUID } from 'node:crypto';
import { createChunkPool, type SessionBackend, SessionError } from '@ovfkit/domain';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { dialectOf, errorAnswer, sendAnswer, unknownPath } from './answer.ts';
import { addAnswerHeaders } from './answer-headers.ts';
import { createApiTokens } from './api-tokens.ts';
import { answerClientError } from './client-error.ts';
import { clientKey } from './client-key.ts';
import { createFileUrls, type FileUrls, transferPath } from './file-url.ts';
import { serverFactory, type TlsFiles } from './http-server.ts';
import { createJsonReader } from './json-body.ts';
import type { ServerLimits } from './limits.ts';
import { createLogin } from './login.ts';
import { addDocument } from './open-api.ts';
import { originOf } from './origin.ts';
import type { Principal } from './principal.ts';
import { type Dependencies, readiness } from './readiness.ts';
import { createRequestRate } from './request-rate.ts';
import { loggedPath, type Note, type RequestReport, reportRequests } from './request-report.ts';
import { answerError, type ErrorReport, serveOperation } from './router.ts';
import { createRunningUploads } from './running-uploads.ts';
import { withFileUrls } from './session-files.ts';
import { type FileParams, serveTransfer } from './transfer.ts';

export interface AppOptions {
  backendFor(principal: Principal): SessionBackend;
  authenticate(user: string, password: string): Promise<Principal | undefined>;
  isUser(name: string): Promise<boolean>;
  standing(principal: Principal): Promise<Principal | undefined>;
  readonly secret: Uint8Array;
  readonly tls?: TlsFiles;
  readonly baseUrl?: string;
  readonly trustedProxies: readonly string[];
  readonly version: string;
  readonly tokenIdleMs: number;
  readonly tokenLifetimeMs: number;
  readonly clock: () => number;
  readonly limits: Required<ServerLimits>;
  /** Of the certificate that clients see; absent over plain HTTP and behind a proxy. */
  readonly thumbprint: string | undefined;
  readonly dependencies?: Dependencies | undefined;
  readonly onRequest?: (report: RequestReport) => void;
  readonly onError?: (report: ErrorReport) => void;
  trackCall<Result>(call: Promise<Result>): Promise<Result>;
  trackTransfer<Result>(transfer: Promise<Result>): Promise<Result>;
}

/** Routes, errors and logs of the server. */
export function createApp(options: AppOptions): FastifyInstance {
  const { tls, limits, trustedProxies } = options;
  const app = fastify({
    serverFactory: serverFactory({ tls, limits, proxies: trustedProxies }),
    trustProxy: [...trustedProxies],
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // capabilities are longer than parts of paths usually are
    routerOptions: { maxParamLength: 8192 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (_error, request, reply) =>
      void sendAnswer(
        reply,
        answerError(unknownPath(request.method, loggedPath(request.url)), () => {}, dialectOf(request.url)),
      ),
  });
  // bodies stay on the wire: each handler reads its own, or leaves it
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  addAnswerHeaders(app);
  const note = reportRequests(app, options.onRequest);
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof SessionError) note(request, { error: error.kind });
    const report = (id: string, cause: unknown) => {
      // a client that went away is no fault of ours
      if (!reply.raw.destroyed) reportError(options, request, { id, error: cause });
    };
    return sendAnswer(reply, answerError(error, report, dialectOf(request.url)));
  });
  app.setNotFoundHandler((request) => {
    throw unknownPath(request.method, loggedPath(request.url));
  });
  refuseTwoHosts(app);
  limitRequests(app, limits);
  addRoutes(app, { options, note });
  return app;
}

/** RFC 9112, section 3.2: whoever stands before us may go by the other one. */
function refuseTwoHosts(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if ((raw.headersDistinct['host']?.length ?? 0) > 1)
      throw new SessionError('INVALID_REQUEST', 'There are two Hosts.');
  });
}

function limitRequests(app: FastifyInstance, { requestsPerSecond: perSecond }: Required<ServerLimits>): void {
  const rate = createRequestRate({ perSecond, clock: () => performance.now() });
  app.addHook('onRequest', async (request, reply) => {
    const waitMs = rate.waitMs(clientKey(request.ip));
    if (waitMs === 0) return undefined;
    const text = `More than ${perSecond} requests a second came from ${request.ip}, the most that are taken. Send fewer.`;
    const answer = errorAnswer(new SessionError('SERVICE_UNAVAILABLE', text), dialectOf(request.url));
    const headers = { 'Retry-After': String(Math.ceil(waitMs / 1000)) };
    sendAnswer(reply, { ...answer, status: 429, headers });
    return reply;
  });
}

interface Routing {
  readonly options: AppOptions;
  readonly note: Note;
}

function addRoutes(app: FastifyInstance, { options, note }: Routing): void {
  const { backendFor, clock, limits, standing } = options;
  const { stallTimeoutMs, minimumRate } = limits;
  const urls = createFileUrls({ secret: options.secret, lifetimeMs: limits.fileUrlLifetimeMs, clock });
  const operationOptions = {
    login: createLogin({
      tokens: createApiTokens({ idleMs: options.tokenIdleMs, lifetimeMs: options.tokenLifetimeMs, clock }),
      clock,
      authenticate: options.authenticate,
      isUser: options.isUser,
      standing,
    }),
    backendFor: locatedBackends(options, urls),
    originOf: (request: FastifyRequest) => originOf(options.baseUrl, request),
    note,
    json: createJsonReader(limits.jsonBody),
    pace: { stallTimeoutMs, minimumRate, totalMs: stallTimeoutMs },
  };
  const transferOptions = {
    backendFor,
    standing,
    urls,
    uploads: createRunningUploads({ perUser: limits.uploadsPerUser, total: limits.uploads }),
    pace: { stallTimeoutMs, minimumRate, totalMs: limits.transferTimeoutMs },
    pool: createChunkPool(8),
    note,
    onBroken: (request: FastifyRequest, error: unknown) => reportError(options, request, { id: randomUUID(), error }),
  };
  app.get('/health', async (_request, reply) => sendAnswer(reply, { status: 200, body: { status: 'ok' } }));
  app.get('/ready', async (_request, reply) => sendAnswer(reply, await readiness(options.dependencies)));
  addDocument(app, options.version);
  app.all<FileParams>(`${transferPath}/:capability/:name`, (request, reply) =>
    options.trackTransfer(serveTransfer(transferOptions, request, reply)),
  );
  app.all('/*', (request, reply) => options.trackCall(serveOperation(operationOptions, request, reply)));
}

const locatedBackends =
  ({ backendFor, thumbprint }: AppOptions, urls: FileUrls) =>
  (principal: Principal, origin: string): SessionBackend =>
    withFileUrls(backendFor(principal), (kind, sessionId, { name }) => ({
      fileUrl: origin + urls.pathOf({ kind, sessionId, name, principal }),
      ...(thumbprint === undefined ? {} : { sslThumbPrint: thumbprint }),
    }));

const reportError = ({ onError }: AppOptions, request: FastifyRequest, what: Pick<ErrorReport, 'id' | 'error'>): void =>
  onError?.({ ...what, method: request.method, path: loggedPath(request.url) });
