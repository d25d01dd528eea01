import { type BackendFeatures, type SessionBackend, SessionError } from '@ovfkit/domain';
import { operationRoutes } from '@ovfkit/domain/wire';
import { bind } from './bind.ts';
import { type Client, createClient } from './client.ts';
import { createContentLibraryServices } from './content-library.ts';
import { detectSessionApi, type SessionApi } from './detect.ts';
import { createExportSessionService } from './export-session.ts';
import { createFileService } from './files.ts';
import { createImportSessionService } from './import-session.ts';
import { createInventoryServices } from './inventory.ts';
import { createLibraryItemService } from './library-item.ts';
import { type Credentials, createLogin, type Login } from './login.ts';
import { createProbeImportSessionService } from './probe-import-session.ts';
import { backOff, isPassing, pause, type RetryNotice } from './retry.ts';
import { tlsInstead } from './scheme.ts';
import { createServer } from './server.ts';

export type RestOptions = Credentials & {
  /** `https://vc.example.com`, with a port or a path prefix where there is one. */
  readonly url: string;
  /**
   * SHA-1 or SHA-256 of the server's certificate in hexadecimal, any case, with or without colons. When set, a certificate is accepted
   * exactly when it matches; when not, as the system or `ca` trusts it.
   */
  readonly thumbprint?: string | undefined;
  /** Certificates in PEM to trust in place of the system's. */
  readonly ca?: string | readonly string[] | undefined;
  /** Path templates in place of the contract's, by `service.operation`: `import_session.create_for_resource_pool` (contract, 14.1). */
  readonly paths?: Readonly<Record<string, string>> | undefined;
  /** Silence that ends a transfer or a call; 60 s by default. Never a limit on the whole. */
  readonly stallTimeoutMs?: number | undefined;
  /** 10 s by default. */
  readonly connectTimeoutMs?: number | undefined;
  readonly userAgent?: string | undefined;
  /** How often a call that may be repeated is tried; 6 by default, which lasts about six seconds. */
  readonly attempts?: number | undefined;
  /** Told before each repetition. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** What was found out about a server. */
export interface ServerFacts {
  readonly url: string;
  readonly sessionApi: SessionApi;
}

/** A server's sessions. Whoever made it closes it. */
export interface RestBackend extends SessionBackend {
  readonly about: ServerFacts;
  /** Logs out and drops every connection; transfers under way fail. */
  close(): Promise<void>;
}

/**
 * Logs in and finds out what the server can do; then everything is a call. Calls that may be repeated are, with back-off and as
 * `Retry-After` says; an expired login is renewed.
 * @throws SessionError UNAUTHENTICATED, UNVERIFIED_PEER (both thumbprints in text and `data`), SERVICE_UNAVAILABLE (nobody listens),
 *   RESOURCE_INACCESSIBLE, TIMED_OUT, INVALID_ARGUMENT (options), OPERATION_NOT_FOUND (no vCenter, no ovfkitd)
 */
export async function createRestBackend(options: RestOptions): Promise<RestBackend> {
  const { stallTimeoutMs = 60_000, userAgent = 'ovfkit', paths = {}, attempts = 6, onRetry, signal } = options;
  const { url, thumbprint, ca, connectTimeoutMs } = options;
  const server = createServer({ url, thumbprint, ca, connectTimeoutMs, stallTimeoutMs, userAgent });
  const login = createLogin(server, options);
  const close = async (): Promise<void> => {
    await login.end();
    await server.close();
  };
  try {
    const client = createClient({ server, login, paths, attempts, onRetry });
    await logIn(login, { url: server.base, attempts, onRetry, signal });
    const services = createServices(client);
    const found = await findOut(services, signal);
    const files = createFileService(client, { isResumableAssumed: found.features.resumableUpload });
    const features: BackendFeatures = {
      ...found.features,
      get resumableUpload() {
        return files.isResumable();
      },
    };
    return {
      ...services,
      files: files.service,
      features,
      about: { url: server.base.href, sessionApi: found.sessionApi },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The first login. It is tried again when it was a proxy that answered, or the connection broke; nobody listening is told at once. */
async function logIn(
  login: Login,
  {
    url,
    attempts,
    onRetry,
    signal,
  }: Pick<RestOptions, 'onRetry' | 'signal'> & { readonly url: URL; readonly attempts: number },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await login.token(signal);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      const isAnswer = error instanceof SessionError && error.kind === 'UNAUTHENTICATED';
      const tls = isAnswer || attempt > 1 ? undefined : await tlsInstead(url);
      if (tls !== undefined) throw tls;
      if (attempt === attempts || !isPassing(error) || !isWorthWaiting(error)) throw error;
      const inMs = backOff(attempt - 1);
      onRetry?.({ operation: 'session.create', attempt, inMs, reason: error });
      await pause(inMs, signal);
    }
  }
}

/** `data` of an answer has a status, that of a failed connection a code. */
const isWorthWaiting = ({ data }: SessionError): boolean =>
  typeof data === 'object' &&
  data !== null &&
  ('status' in data || ('code' in data && (data.code === 'ECONNRESET' || data.code === 'UND_ERR_SOCKET')));

type Services = Omit<SessionBackend, 'features' | 'files'>;

function createServices(client: Client): Services {
  const each = bind(client);
  return {
    importSession: createImportSessionService(client),
    probeImportSession: createProbeImportSessionService(client),
    exportSession: createExportSessionService(client),
    exportFlag: { list: each(operationRoutes.exportFlag.list) },
    importFlag: { list: each(operationRoutes.importFlag.list) },
    capability: { get: each(operationRoutes.capability.get) },
    libraryItem: createLibraryItemService(client),
    contentLibrary: createContentLibraryServices(client),
    inventory: createInventoryServices(client),
  };
}

async function findOut(services: Services, signal: AbortSignal | undefined) {
  const options = signal === undefined ? {} : { signal };
  const [sessionApi, sessionList, vappList, hardwareVersions, contentLibrary] = await Promise.all([
    detectSessionApi(services, options),
    isOffered(() => services.importSession.list({}, options)),
    isOffered(() => services.inventory.vapp.list({}, options)),
    isOffered(() => services.inventory.hardwareVersion.list({}, options)),
    isOffered(() => services.contentLibrary.library.list({}, options)),
  ]);
  return {
    sessionApi,
    features: {
      sessionList,
      vappList,
      hardwareVersions,
      // they came together
      templates: hardwareVersions,
      // until a first file tells: whoever lists sessions is an ovfkitd, which takes uploads up again
      resumableUpload: sessionList,
      contentLibrary,
    },
  };
}

async function isOffered(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind === 'UNAUTHENTICATED' || error.kind === 'UNVERIFIED_PEER')
      throw error;
    return false;
  }
}
