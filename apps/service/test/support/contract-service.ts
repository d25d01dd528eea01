import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContractRun } from '@ovfkit/conformance';
import type { SessionBackend } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { createPullSource, createWireClient } from '@ovfkit/rest';
import { createSessionServer } from '@ovfkit/server';
import { openLocalStore } from '@ovfkit/store-local';

/** A service in this process, as the contract's cases need it: with a user who may only read. */
export interface ContractService {
  readonly target: ContractRun;
  close(): Promise<void>;
}

const users = new Map([
  ['ann', 'admin' as const],
  ['bob', 'viewer' as const],
]);

interface Options {
  /** Stands between the server and the engine. */
  readonly change?: ((backend: SessionBackend) => SessionBackend) | undefined;
  /** How long an unused session lives. The usual time when absent: then no rule waits for it, and none depends on how busy the machine is. */
  readonly sessionTimeoutMs?: number;
}

/** Starts it. */
export async function startContractService({
  change = (backend) => backend,
  sessionTimeoutMs,
}: Options = {}): Promise<ContractService> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkitd-contract-'));
  const { sessions, blobs, inventory, library, secret, close } = await openLocalStore(folder);
  const pull = createPullSource({ isAllowed: (address) => address === '127.0.0.1' });
  const onError = (error: unknown): void => console.error(error);
  const times = sessionTimeoutMs === undefined ? {} : { idleTimeoutMs: sessionTimeoutMs };
  const engine = createEngine({ sessions, blobs, inventory, library, pull, onError, ...times });
  const server = createSessionServer({
    backendFor: ({ user, role }) => change(engine.backendFor({ user, isAdmin: role === 'admin' })),
    authenticate: async (user, password) => {
      const role = users.get(user);
      return role !== undefined && password === `${user}'s` ? { user, role } : undefined;
    },
    secret: await secret('file-urls'),
  });
  await engine.start();
  const { url: baseUrl } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = createWireClient({ url: baseUrl });
  const reader = { user: 'bob', password: "bob's" };
  const target = { baseUrl, send: client.send, user: 'ann', password: "ann's", reader, sessionTimeoutMs };
  return {
    target: { ...target, pullAddress: '127.0.0.1' },
    async close() {
      await client.close();
      await server.close();
      await engine.close();
      await close();
      await rm(folder, { recursive: true });
    },
  };
}
