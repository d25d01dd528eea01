import type { PullSource } from '@ovfkit/domain';
import { createEngine, type Engine } from '@ovfkit/engine';
import type { PullSourceOptions } from '@ovfkit/rest';
import { createSessionServer, type RequestReport, type SessionServer } from '@ovfkit/server';
import { type LocalStore, limitBlobs, openLocalStore } from '@ovfkit/store-local';
import type { Logger } from 'pino';
import { type AuditEvent, type AuditLog, auditEventOf } from './audit.ts';
import type { KeyAndCertificate } from './certificate.ts';
import { isLoopback } from './config.ts';
import { privilegesOf } from './privileges.ts';
import { createPullPolicy } from './pull-policy.ts';
import { limitSessions } from './session-limit.ts';
import type { Config } from './settings.ts';
import { createUserCheck } from './standing.ts';
import { version } from './version.ts';
import { openInventory } from './vsphere.ts';

/** The parts of a running service. */
export interface Parts {
  readonly engine: Engine;
  readonly server: SessionServer;
  /** Closes what they share, when neither runs any more. */
  close(): Promise<void>;
}

/** Opens the folder. @throws SessionError as `openLocalStore` does */
export const openStore = ({ data }: Config, log: Logger): Promise<LocalStore> =>
  openLocalStore(data, { onDamage: (error) => log.error({ err: error }, 'a stored session cannot be read') });

export interface Wiring {
  readonly config: Config;
  readonly store: LocalStore;
  readonly tls: KeyAndCertificate | undefined;
  readonly log: Logger;
  readonly audit: AuditLog;
}

/** Puts the parts together; nothing of them runs yet. The only place that names adapters. */
export async function wire({ config, store, tls, log, audit }: Wiring): Promise<Parts> {
  const { quotaPerUser: quotaPerOwner, diskReserve: reserve } = config.limits;
  const { blobs, close } = limitBlobs(store.blobs, { folder: config.data, limits: { quotaPerOwner, reserve } });
  const upstream = await openInventory(config, { own: store.inventory, blobs, log });
  const { inventory } = upstream;
  const engine = await wireEngine({ config, store, log, blobs, inventory });
  const server = createSessionServer({
    backendFor: ({ user, role }) =>
      engine.backendFor({ user, isAdmin: role === 'admin', privileges: privilegesOf(role, config.pull.roles) }),
    ...createUserCheck(store.users),
    ...serverSettings(config),
    version,
    dependencies: async () => ({
      ...(upstream.answers && { vsphere: (await upstream.answers()) ? 'available' : 'unavailable' }),
    }),
    secret: await store.secret('file-urls'),
    ...(tls === undefined ? {} : { tls }),
    onRequest(report) {
      // clients poll: what changes nothing and works is not news
      log[isNews(report) ? 'info' : 'debug'](report, 'request');
      const event = auditEventOf(report);
      if (event !== undefined) record(event);
    },
    onError: ({ error, ...report }) => log.error({ ...report, err: error }, 'request failed'),
  });
  return {
    engine,
    server,
    async close() {
      close();
      await upstream.close();
    },
  };

  function record(event: AuditEvent): void {
    try {
      audit.record(event);
    } catch (error) {
      // what was done is done: it is told here, at least
      log.error({ err: error, ...event }, 'the audit log cannot be written');
    }
  }
}

/** Who reaches a service on loopback is on this machine already; not so when a proxy lets others in. */
const isForThisMachine = ({ listen, publicUrl, trustedProxies }: Config): boolean =>
  isLoopback(listen.host) && publicUrl === undefined && trustedProxies.length === 0;

async function wireEngine({
  config,
  store,
  log,
  blobs,
  inventory,
}: Pick<Wiring, 'config' | 'store' | 'log'> & Pick<LocalStore, 'blobs' | 'inventory'>): Promise<Engine> {
  const { session, pull, limits } = config;
  const isAllowed = createPullPolicy({ ...pull, mayPullFromLoopback: isForThisMachine(config) });
  return createEngine({
    sessions: limitSessions(store.sessions, limits.sessionsPerUser),
    blobs,
    inventory,
    library: store.library,
    pull: laterPullSource({ isAllowed, stallTimeoutMs: limits.stallTimeout }),
    idleTimeoutMs: session.idleTimeout,
    terminalTimeoutMs: session.terminalTimeout,
    limits: { textSize: limits.descriptorSize, members: limits.members },
    dedup: config.dedup,
    serverGuid: guidOf(await store.secret('server-guid')),
    onError: (error, where) => log.error({ err: error, where }, 'background work failed'),
  });
}

/** An HTTP client takes 8 MiB, and most services never pull. */
function laterPullSource(options: PullSourceOptions): PullSource {
  let made: Promise<PullSource> | undefined;
  const source = (): Promise<PullSource> => {
    made ??= import('@ovfkit/rest').then(({ createPullSource }) => createPullSource(options));
    return made;
  };
  return {
    open: async (request) => (await source()).open(request),
    thumbprint: async (url, signal) => (await source()).thumbprint(url, signal),
  };
}

const serverSettings = ({ login, limits, publicUrl, trustedProxies, fileUrlLifetime }: Config) => ({
  ...(publicUrl === undefined ? {} : { baseUrl: publicUrl }),
  trustedProxies,
  tokenIdleMs: login.idleTimeout,
  tokenLifetimeMs: login.lifetime,
  limits: {
    jsonBody: limits.jsonSize,
    headerSize: limits.headerSize,
    headerTimeoutMs: limits.headerTimeout,
    stallTimeoutMs: limits.stallTimeout,
    transferTimeoutMs: limits.transferTimeout,
    minimumRate: limits.minimumRate,
    requestsPerSecond: limits.requestsPerSecond,
    connectionsPerClient: limits.connectionsPerClient,
    connections: limits.connections,
    uploadsPerUser: limits.uploadsPerUser,
    uploads: limits.uploads,
    fileUrlLifetimeMs: fileUrlLifetime,
  },
});

const isNews = ({ method, status }: RequestReport): boolean =>
  status === 0 || status >= 400 || !['GET', 'HEAD'].includes(method);

/** The first 16 bytes as a UUID, marked as a random one (RFC 9562). */
function guidOf(secret: Uint8Array): string {
  const hex = Buffer.from(secret).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
