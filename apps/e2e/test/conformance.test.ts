import { placeIn, sessionBackendCases } from '@ovfkit/conformance';
import { createRestBackend, type RestBackend } from '@ovfkit/rest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScene, type Scene } from './support/scene.ts';

let scene: Scene;
let backend: RestBackend;
beforeAll(async () => {
  scene = await openScene();
  const { url, user, password, thumbprint } = scene.service;
  backend = await createRestBackend({ url, user, password, thumbprint });
});
afterAll(async () => {
  await backend.close();
  await scene.close();
});

// The same laws as the engine's own, now over HTTP and TLS against the built service.
for (const { name, run } of sessionBackendCases) {
  test(name, () =>
    run(async () => {
      const { placement, network } = await placeIn(backend.inventory);
      return { backend, target: { ...placement, network } };
    }),
  );
}

test('there are laws to hold', () => {
  expect(sessionBackendCases.length).toBeGreaterThan(20);
});
