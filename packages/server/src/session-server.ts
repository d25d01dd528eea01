import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionBackend } from '@ovfkit/domain';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.ts';
import { type TlsFiles, thumbprintOf } from './http-server.ts';
import { allLimits, type ServerLimits } from './limits.ts';
import { hostOf } from './origin.ts';
import type { Principal } from './principal.ts';
import type { Dependencies } from './readiness.ts';
import type { RequestReport } from './request-report.ts';
import type { ErrorReport } from './router.ts';

export interface SessionServerOptions {
  /** The backend as one caller sees it. Called for every request: it must be cheap. */
  backendFor(principal: Principal): SessionBackend;
  /** Resolves to nothing when the password is wrong or the user unknown, in the same time. */
  authenticate(user: string, password: string): Promise<Principal | undefined>;
  /** Whether a name is a user's. Others are in no report: they may be passwords, typed into the wrong field. Every name is one when absent. */
  isUser?(name: string): Promise<boolean>;
  /**
   * A principal of an earlier login as it is now; nothing when its user is gone or has another password, and then its API
   * sessions and file URLs end. Asked for every request. Each principal stays as it was when absent.
   */
  standing?(principal: Principal): Promise<Principal | undefined>;
  /** Signs file URLs. Keep it over restarts, and uploads go on after them with the URLs they have. */
  readonly secret: Uint8Array;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles;
  /** Where clients reach the server, `https://ovf.example.com`; by the `Host` of each request when absent. */
  readonly baseUrl?: string;
  /** Networks and addresses of proxies: their `X-Forwarded-For` says who the client is. None when absent. */
  readonly trustedProxies?: readonly string[];
  /** Told in the document at `/openapi.json`; `0.0.0` when absent. */
  readonly version?: string;
  /** An API session that is not used for so long ends. 30 minutes when absent. */
  readonly tokenIdleMs?: number;
  /** However much it is used, it ends after this. A day when absent. */
  readonly tokenLifetimeMs?: number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  readonly limits?: ServerLimits;
  /** Asked for `GET /ready`; without it the server is ready whenever it answers. */
  readonly dependencies?: Dependencies | undefined;
  /** Told of each answered request. */
  readonly onRequest?: (report: RequestReport) => void;
  /** Told of errors that are not the caller's doing. */
  readonly onError?: (report: ErrorReport) => void;
}

/** The HTTP face of a `SessionBackend`. */
export interface SessionServer {
  /** Resolves when connections are taken; port 0 takes a free one. `url` has the port in use. */
  listen(at: { readonly host: string; readonly port: number }): Promise<{ readonly url: string }>;
  /** Lets calls end, cuts transfers, which stay resumable, and resolves when what arrived of them was kept. */
  close(): Promise<void>;
}

const callsEndWithinMs = 2_000;

/** Starts nothing before `listen`. @throws Error when the key and the certificate cannot be read or do not match */
export function createSessionServer(options: SessionServerOptions): SessionServer {
  const { limits = {}, tls } = options;
  const calls = new Set<Promise<unknown>>();
  const transfers = new Set<Promise<unknown>>();
  const app = createApp({
    ...options,
    version: options.version ?? '0.0.0',
    isUser: options.isUser ?? (async () => true),
    standing: options.standing ?? (async (principal) => principal),
    trustedProxies: options.trustedProxies ?? [],
    tokenIdleMs: options.tokenIdleMs ?? 30 * 60_000,
    tokenLifetimeMs: options.tokenLifetimeMs ?? 24 * 3_600_000,
    clock: options.clock ?? Date.now,
    limits: allLimits(limits),
    // behind a proxy, whose certificate the client sees, ours says nothing
    thumbprint: tls === undefined || options.baseUrl !== undefined ? undefined : thumbprintOf(tls),
    trackCall: (call) => track(calls, call),
    trackTransfer: (transfer) => track(transfers, transfer),
  });
  return {
    listen: async (at) => ({ url: `${tls ? 'https' : 'http'}://${hostOf(at.host)}:${await listen(app, at)}` }),
    async close() {
      app.server.close();
      await Promise.race([Promise.allSettled(calls), delay(callsEndWithinMs)]);
      await app.close();
      await Promise.allSettled(transfers);
    },
  };
}

function track<Result>(running: Set<Promise<unknown>>, work: Promise<Result>): Promise<Result> {
  running.add(work);
  const end = () => running.delete(work);
  work.then(end, end);
  return work;
}

async function listen(app: FastifyInstance, at: { readonly host: string; readonly port: number }): Promise<number> {
  await app.listen(at);
  const address = app.server.address();
  const { port }: Pick<AddressInfo, 'port'> = typeof address === 'object' && address !== null ? address : at;
  return port;
}
