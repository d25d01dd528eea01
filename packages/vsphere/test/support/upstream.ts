import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Inventory, type PullSource, type Ref, SessionError } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import { createSessionServer } from '@ovfkit/server';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { onTestFinished } from 'vitest';
import { importKey } from '../../src/import-mark.ts';

/** A server whose content library answers over HTTP, in place of a vCenter. */
export interface Upstream {
  readonly url: string;
  readonly backend: RestBackend;
  readonly store: LocalStore;
  readonly libraryId: string;
}

const noPull: PullSource = {
  open: async () => Promise.reject(new SessionError('UNSUPPORTED', 'nothing is fetched here')),
  thumbprint: async () => undefined,
};

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-vsphere-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything of it is stopped when the test ends. */
export async function startUpstream({ pull = noPull }: { readonly pull?: PullSource } = {}): Promise<Upstream> {
  const store = await openLocalStore(await tempFolder());
  const { sessions, blobs, inventory, library } = store;
  const engine = createEngine({ sessions, blobs, inventory, library, pull });
  await engine.start();
  const server = createSessionServer({
    backendFor: ({ user }) => engine.backendFor({ user, isAdmin: false }),
    authenticate: async (user, password) => (password === 'p' ? { user, role: 'operator' } : undefined),
    secret: new Uint8Array(32),
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  const backend = await createRestBackend({ url, user: 'u', password: 'p' });
  onTestFinished(async () => {
    await backend.close();
    await server.close();
    await engine.close();
    await store.close();
  });
  const createSpec = { name: 'staging', type: 'LOCAL' } as const;
  return { url, backend, store, libraryId: await backend.contentLibrary.localLibrary.create({ createSpec }) };
}

/** What a vCenter's inventory does for imports by way of the library, over the REST calls that a server of ours has. */
export function inventoryOver({ backend, store }: Upstream): Inventory {
  const refuse = async () => Promise.reject(new SessionError('UNSUPPORTED', 'not over REST'));
  return {
    ...backend.inventory,
    features: { exportRunning: false },
    outOfReach: (place, options) => store.inventory.outOfReach(place, options),
    judge: (request, options) => store.inventory.judge(request, options),
    create: refuse,
    made: (key) => madeBy(backend, key),
    async discard(key) {
      const made = await madeBy(backend, key);
      if (made?.type === 'VirtualMachine') await backend.inventory.vm.delete({ vm: made.id });
      if (made?.type === 'VirtualApp') await backend.inventory.vapp.delete({ vapp: made.id });
    },
    describe: (ref, options) => store.inventory.describe(ref, options),
    stage: refuse,
    held: async () => new Set(),
  };
}

async function madeBy({ inventory }: RestBackend, key: string): Promise<Ref | undefined> {
  for (const { vm } of await inventory.vm.list({})) {
    const { ovf } = await inventory.vm.get({ vm });
    const isIt = ovf?.extraConfig?.some((each) => each.key === importKey && each.value === key);
    if (isIt)
      return ovf?.vapp === undefined ? { type: 'VirtualMachine', id: vm } : { type: 'VirtualApp', id: ovf.vapp };
  }
  return undefined;
}
