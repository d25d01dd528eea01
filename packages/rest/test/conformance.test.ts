import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, sessionBackendCases } from '@ovfkit/conformance';
import { createEngine } from '@ovfkit/engine';
import { createSessionServer } from '@ovfkit/server';
import { openLocalStore } from '@ovfkit/store-local';
import { onTestFinished, test } from 'vitest';
import { createPullSource, createRestBackend, readThumbprint } from '../src/index.ts';
import { makeIdentity } from './support/certificate.ts';

const identity = await makeIdentity();

/** The whole way there and back: this client, TLS with a pin, the real server, engine and store. */
const makeSubject = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-rest-'));
  const store = await openLocalStore(folder);
  const pull = createPullSource({ isAllowed: () => true });
  const engine = createEngine({
    sessions: store.sessions,
    blobs: store.blobs,
    inventory: store.inventory,
    library: store.library,
    pull,
  });
  await engine.start();
  const server = createSessionServer({
    backendFor: ({ user }) => engine.backendFor({ user, isAdmin: true }),
    authenticate: async (user, password) => (password === 'p' ? { user, role: 'admin' } : undefined),
    secret: await store.secret('file-urls'),
    tls: identity,
  });
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 });
  const backend = await createRestBackend({
    url,
    user: 'u',
    password: 'p',
    thumbprint: readThumbprint(identity.sha256),
  });
  onTestFinished(async () => {
    await backend.close();
    await server.close();
    await engine.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const { placement, network } = await placeIn(backend.inventory);
  return { backend, target: { ...placement, network } };
};

for (const { name, run } of sessionBackendCases) test(name, () => run(makeSubject));
