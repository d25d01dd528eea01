import { randomUUID } from 'node:crypto';
import type { SessionBackend } from '@ovfkit/domain';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { dialectOf, sendAnswer, unknownPath } from './answer.ts';
import { createApiTokens } from './api-tokens.ts';
import { createFileUrls, type FileUrls, transferPath } from './file-url.ts';
import { serverFactory, type TlsFiles } from './http-server.ts';
import { createLoginLimit } from './login-limit.ts';
import { addDocument } from './open-api.ts';
import { originOf } from './origin.ts';
import type { Principal } from './principal.ts';
import { answerError, type ErrorReport, serveOperation } from './router.ts';
import { createRunningUploads } from './running-uploads.ts';
import { withFileUrls } from './session-files.ts';
import { type FileParams, serveTransfer } from './transfer.ts';

/** One answered request, for logs. */
export interface RequestReport {
  readonly method: string;
  /** Without query and capabilities. */
  readonly path: string;
  /** 0 when the client went away before it was answered. */
  readonly status: number;
  readonly durationMs: number;
  readonly address: string;
  /** Absent before a token was found good. */
  readonly user?: string;
}

export interface AppOptions {
  backendFor(principal: Principal): SessionBackend;
  authenticate(user: string, password: string): Promise<Principal | undefined>;
  readonly secret: Uint8Array;
  readonly tls?: TlsFiles;
  readonly baseUrl?: string;
  readonly version: string;
  readonly tokenIdleMs: number;
  readonly clock: () => number;
  readonly jsonLimit: number;
  readonly stallTimeoutMs: number;
  readonly fileUrlLifetimeMs: number;
  /** Of the certificate that clients see; absent over plain HTTP and behind a proxy. */
  readonly thumbprint: string | undefined;
  readonly onRequest?: (report: RequestReport) => void;
  readonly onError?: (report: ErrorReport) => void;
  trackCall<Result>(call: Promise<Result>): Promise<Result>;
  trackTransfer<Result>(transfer: Promise<Result>): Promise<Result>;
}

/** Routes, errors and logs of the server. */
export function createApp(options: AppOptions): FastifyInstance {
  const app = fastify({
    serverFactory: serverFactory(options.tls),
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    // capabilities are longer than parts of paths usually are
    routerOptions: { maxParamLength: 8192 },
    frameworkErrors: (_error, request, reply) =>
      void sendAnswer(
        reply,
        answerError(unknownPath(request.method, loggedPath(request.url)), () => {}, dialectOf(request.url)),
      ),
  });
  // bodies stay on the wire: each handler reads its own, or leaves it
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.setErrorHandler((error, request, reply) => {
    const report = (id: string, cause: unknown) => {
      // a client that went away is no fault of ours
      if (!reply.raw.destroyed) reportError(options, request, { id, error: cause });
    };
    return sendAnswer(reply, answerError(error, report, dialectOf(request.url)));
  });
  app.setNotFoundHandler((request) => {
    throw unknownPath(request.method, loggedPath(request.url));
  });
  addRoutes(app, options);
  return app;
}

function addRoutes(app: FastifyInstance, options: AppOptions): void {
  const { backendFor, clock, stallTimeoutMs } = options;
  const urls = createFileUrls({ secret: options.secret, lifetimeMs: options.fileUrlLifetimeMs, clock });
  const onCaller = reportRequests(app, options);
  const operationOptions = {
    login: {
      tokens: createApiTokens({ idleMs: options.tokenIdleMs, clock }),
      limit: createLoginLimit({ clock }),
      authenticate: options.authenticate,
    },
    backendFor: locatedBackends(options, urls),
    originOf: (request: FastifyRequest) => originOf(options.baseUrl, request),
    onCaller,
    jsonLimit: options.jsonLimit,
    stallTimeoutMs,
  };
  const onBroken = (request: FastifyRequest, error: unknown) =>
    reportError(options, request, { id: randomUUID(), error });
  const uploads = createRunningUploads();
  const transferOptions = { backendFor, urls, uploads, stallTimeoutMs, onBroken };
  app.get('/health', async (_request, reply) => sendAnswer(reply, { status: 200, body: { status: 'ok' } }));
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

/** Tells of each request when it is over; the function it gives takes who called. */
function reportRequests(
  app: FastifyInstance,
  { onRequest }: AppOptions,
): (request: FastifyRequest, user: string) => void {
  if (onRequest === undefined) return () => {};
  const callers = new WeakMap<FastifyRequest, string>();
  app.addHook('onRequest', async (request, { raw }) => {
    const startedAt = performance.now();
    const address = request.ip; // a closed socket has none
    // not when the answer is finished: a client that goes away before it leaves none
    raw.once('close', () => {
      const user = callers.get(request);
      onRequest({
        method: request.method,
        path: loggedPath(request.url),
        status: raw.headersSent ? raw.statusCode : 0,
        durationMs: performance.now() - startedAt,
        address,
        ...(user === undefined ? {} : { user }),
      });
    });
  });
  return (request, user) => callers.set(request, user);
}

// a capability is as good as a password, and a query may hold anything
function loggedPath(url: string): string {
  const [path = ''] = url.split('?');
  return path.startsWith(`${transferPath}/`) ? path.replace(/^(\/ovf\/transfer\/)[^/]*/, '$1…') : path;
}
