import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionBackend } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { createPullSource, createRestBackend, type RestBackend } from '@ovfkit/rest';
import { createSessionServer } from '@ovfkit/server';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { expect, onTestFinished } from 'vitest';

/** A folder of its own for one test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-transfer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The real service on a folder and a port, without its process around it. */
export interface Service {
  readonly port: number;
  readonly store: LocalStore;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  readonly port?: number;
  /** Of sessions; the engine's own when absent. */
  readonly idleTimeoutMs?: number;
  /** Of logins; the server's own when absent. */
  readonly tokenLifetimeMs?: number;
}

export async function startService(folder: string, options: ServiceOptions = {}): Promise<Service> {
  const { port = 0, idleTimeoutMs, tokenLifetimeMs } = options;
  const store = await openLocalStore(folder);
  const pull = createPullSource({ isAllowed: () => true });
  const engine = createEngine({
    sessions: store.sessions,
    blobs: store.blobs,
    inventory: store.inventory,
    library: store.library,
    pull,
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  });
  await engine.start();
  const server = createSessionServer({
    backendFor: ({ user }) => engine.backendFor({ user, isAdmin: true }),
    authenticate: async (user, password) => (password === 'p' ? { user, role: 'admin' } : undefined),
    secret: await store.secret('file-urls'),
    ...(tokenLifetimeMs === undefined ? {} : { tokenLifetimeMs }),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port });
  let isUp = true;
  const stop = async (): Promise<void> => {
    if (!isUp) return;
    isUp = false;
    await server.close();
    await engine.close();
    await store.close();
  };
  onTestFinished(stop);
  return { port: Number(new URL(url).port), store, stop };
}

/** A client of a service, logged in. */
export async function connect(port: number): Promise<RestBackend> {
  const backend = await createRestBackend({
    url: `http://127.0.0.1:${port}`,
    user: 'u',
    password: 'p',
    stallTimeoutMs: 10_000,
  });
  onTestFinished(() => backend.close());
  return backend;
}

/** A service and a client of it. */
export async function start(): Promise<{ readonly service: Service; readonly backend: RestBackend }> {
  const service = await startService(await tempFolder());
  return { service, backend: await connect(service.port) };
}

/** A wire that can be cut. */
export interface Wire {
  readonly port: number;
  /** Cuts a connection for good once so many bytes went through it in one direction; each number is used once, in turn. */
  cutAfter(direction: 'up' | 'down', ...sizes: readonly number[]): void;
  readonly cuts: () => number;
  /** Bytes that went through in one direction, of all connections. */
  readonly passed: (direction: 'up' | 'down') => number;
}

/** Forwards TCP to `port`. */
export async function layWire(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const limits = { up: [] as number[], down: [] as number[] };
  let cuts = 0;
  const passed = { up: 0, down: 0 };
  const forward = (
    from: Socket,
    { to, direction }: { readonly to: Socket; readonly direction: 'up' | 'down' },
  ): void => {
    let size = 0;
    from.on('data', (chunk) => {
      size += chunk.length;
      passed[direction] += chunk.length;
      const [limit] = limits[direction];
      if (limit !== undefined && size > limit) {
        limits[direction].shift();
        cuts += 1;
        from.destroy();
        to.destroy();
      } else if (!to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
  };
  const server: Server = createServer((near) => {
    const far = connectTo(port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket);
    forward(near, { to: far, direction: 'up' });
    forward(far, { to: near, direction: 'down' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  return {
    port: address.port,
    cutAfter: (direction, ...sizes) => void limits[direction].push(...sizes),
    cuts: () => cuts,
    passed: (direction) => passed[direction],
  };
}

/** Nothing is left of an attempt: no session, no machine. */
export async function expectNothingLeft(backend: SessionBackend): Promise<void> {
  expect(await backend.importSession.list({})).toEqual([]);
  expect(await backend.exportSession.list({})).toEqual([]);
  expect(await backend.inventory.vm.list({})).toEqual([]);
}
