import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleOva, samplePackage } from '@ovfkit/conformance';
import { type Inventory, type OvfParams, type SessionBackend, SessionError } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { openPackage } from '@ovfkit/package-format/node';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { importPackage } from '@ovfkit/transfer';
import { onTestFinished } from 'vitest';
import { tempFolder } from './upstream.ts';

/** The engine as ever, on an inventory that is not its own. */
export interface EngineOver {
  readonly backend: SessionBackend;
  readonly store: LocalStore;
  readonly folder: string;
  readonly poll: { readonly firstMs: number; readonly maxMs: number };
  importSample(options: ImportSampleOptions): Promise<string>;
}

export interface ImportSampleOptions {
  readonly name: string;
  readonly resourcePool: string;
  readonly parameters: readonly OvfParams[];
  readonly signal?: AbortSignal;
}

const noPull = {
  open: async () => Promise.reject(new SessionError('UNSUPPORTED', 'nothing is fetched here')),
  thumbprint: async () => undefined,
};

/** Stopped when the test ends. */
export async function engineOver(inventoryOf: (store: LocalStore) => Inventory): Promise<EngineOver> {
  const folder = await tempFolder();
  const store = await openLocalStore(folder);
  const { sessions, blobs, library } = store;
  const engine = createEngine({ sessions, blobs, library, inventory: inventoryOf(store), pull: noPull });
  await engine.start();
  onTestFinished(async () => {
    await engine.close();
    await store.close();
  });
  const backend = engine.backendFor({ user: 'u', isAdmin: true });
  const poll = { firstMs: 20, maxMs: 100 };
  return {
    backend,
    store,
    folder,
    poll,
    async importSample({ name, resourcePool, parameters, signal }) {
      const path = join(folder, `${name}.ova`);
      await writeFile(path, sampleOva(samplePackage({ name })));
      const reader = await openPackage(path);
      onTestFinished(() => reader.close());
      const given = () => [...parameters, { type: 'EulaParams', allEulaAccepted: true } as const];
      const target = { resourcePool };
      const { vmId = '' } = await importPackage({ backend, package: reader, target, signal, parameters: given, poll });
      return vmId;
    },
  };
}
