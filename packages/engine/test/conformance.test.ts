import { placeIn, sessionBackendCases } from '@ovfkit/conformance';
import { test } from 'vitest';
import { admin, startEngine } from './support/engine.ts';

const makeSubject = async () => {
  const { engine } = await startEngine();
  const backend = engine.backendFor(admin);
  const { placement, network } = await placeIn(backend.inventory);
  return { backend, target: { ...placement, network } };
};

for (const { name, run } of sessionBackendCases) test(name, () => run(makeSubject));
