import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '@ovfkit/engine';
import { createSessionServer } from '@ovfkit/server';
import { openLocalStore } from '@ovfkit/store-local';
import { createPullSource } from '../../src/index.ts';

/** The engine behind its server, on a folder of its own. */
export interface WholeService {
  readonly url: string;
  close(): Promise<void>;
}

/** Lets everybody in with the password `p`. Whoever starts it closes it. */
export async function startWholeService(role: 'admin' | 'operator' = 'admin'): Promise<WholeService> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-rest-'));
  const store = await openLocalStore(folder);
  const { sessions, blobs, inventory, library } = store;
  const pull = createPullSource({ isAllowed: () => true });
  const engine = createEngine({ sessions, blobs, inventory, library, pull });
  await engine.start();
  const server = createSessionServer({
    backendFor: ({ user }) => engine.backendFor({ user, isAdmin: role === 'admin' }),
    authenticate: async (user, password) => (password === 'p' ? { user, role } : undefined),
    secret: new Uint8Array(32),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    async close() {
      await server.close();
      await engine.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
