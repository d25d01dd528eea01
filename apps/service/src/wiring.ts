import { createEngine, type Engine } from '@ovfkit/engine';
import { createPullSource } from '@ovfkit/rest';
import { createSessionServer, type RequestReport, type SessionServer } from '@ovfkit/server';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import type { Logger } from 'pino';
import type { KeyAndCertificate } from './certificate.ts';
import { isLoopback } from './config.ts';
import { createPullPolicy } from './pull-policy.ts';
import type { Config } from './settings.ts';
import { version } from './version.ts';

/** The parts of a running service. */
export interface Parts {
  readonly store: LocalStore;
  readonly engine: Engine;
  readonly server: SessionServer;
}

/** Opens the folder. @throws SessionError as `openLocalStore` does */
export const openStore = ({ data }: Config, log: Logger): Promise<LocalStore> =>
  openLocalStore(data, { onDamage: (error) => log.error({ err: error }, 'a stored session cannot be read') });

export interface Wiring {
  readonly config: Config;
  readonly store: LocalStore;
  readonly tls: KeyAndCertificate | undefined;
  readonly log: Logger;
}

/** Puts the parts together; nothing of them runs yet. The only place that names adapters. */
export async function wire({ config, store, tls, log }: Wiring): Promise<Parts> {
  const { session, pull, publicUrl, listen } = config;
  const isAllowed = createPullPolicy({ ...pull, mayPullFromLoopback: isLoopback(listen.host) });
  const engine = createEngine({
    sessions: store.sessions,
    blobs: store.blobs,
    inventory: store.inventory,
    library: store.library,
    pull: createPullSource({ isAllowed }),
    idleTimeoutMs: session.idleTimeout,
    terminalTimeoutMs: session.terminalTimeout,
    serverGuid: guidOf(await store.secret('server-guid')),
    onError: (error, where) => log.error({ err: error, where }, 'background work failed'),
  });
  const server = createSessionServer({
    backendFor: ({ user, role }) => engine.backendFor({ user, isAdmin: role === 'admin' }),
    async authenticate(name, password) {
      const user = await store.users.verify(name, password);
      return user && { user: user.name, role: user.role };
    },
    version,
    secret: await store.secret('file-urls'),
    ...(tls === undefined ? {} : { tls }),
    ...(publicUrl === undefined ? {} : { baseUrl: publicUrl }),
    // clients poll: what changes nothing and works is not news
    onRequest: (report) => log[isNews(report) ? 'info' : 'debug'](report, 'request'),
    onError: ({ error, ...report }) => log.error({ ...report, err: error }, 'request failed'),
  });
  return { store, engine, server };
}

const isNews = ({ method, status }: RequestReport): boolean =>
  status === 0 || status >= 400 || !['GET', 'HEAD'].includes(method);

/** The first 16 bytes as a UUID, marked as a random one (RFC 9562). */
function guidOf(secret: Uint8Array): string {
  const hex = Buffer.from(secret).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
