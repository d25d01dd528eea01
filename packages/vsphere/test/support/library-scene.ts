import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampleOva, samplePackage } from '@ovfkit/conformance';
import { type BlobStore, type Inventory, SessionError } from '@ovfkit/domain';
import { createEngine } from '@ovfkit/engine';
import { openPackage } from '@ovfkit/package-format/node';
import { openLocalStore } from '@ovfkit/store-local';
import { importPackage } from '@ovfkit/transfer';
import { onTestFinished } from 'vitest';
import { createLibraryInventory } from '../../src/index.ts';
import { inventoryOver, startUpstream, tempFolder, type Upstream } from './upstream.ts';

/** An engine whose machines go through the content library of another server. */
export interface LibraryScene {
  readonly upstream: Upstream;
  readonly inventory: Inventory;
  readonly blobs: BlobStore;
  importSample(options?: { readonly signal?: AbortSignal; readonly name?: string }): Promise<string>;
}

/** The first half of the first chunk, and then no more. */
export async function* breakingOff(bytes: AsyncIterable<Uint8Array>) {
  for await (const chunk of bytes) {
    yield chunk.subarray(0, Math.ceil(chunk.length / 2));
    throw new SessionError('RESOURCE_INACCESSIBLE', 'the connection broke');
  }
}

/** An engine of its own store, whose inventory makes machines through the upstream's library, `below` which the machines are. */
export async function openLibraryScene(
  change: (inventory: Inventory, upstream: Upstream) => Inventory = (same) => same,
  below: (inventory: Inventory) => Inventory = (same) => same,
): Promise<LibraryScene> {
  const upstream = await startUpstream();
  const folder = await tempFolder();
  const { sessions, blobs, library, close } = await openLocalStore(folder);
  const options = { inventory: below(inventoryOver(upstream)), vcenter: upstream.backend, blobs };
  const inventory = change(createLibraryInventory(options), upstream);
  const engine = createEngine({
    sessions,
    blobs,
    inventory,
    library,
    pull: { open: () => Promise.reject(new SessionError('UNSUPPORTED', 'none')), thumbprint: async () => undefined },
  });
  await engine.start();
  onTestFinished(async () => {
    await engine.close();
    await close();
  });
  const backend = engine.backendFor({ user: 'u', isAdmin: true });
  const importSample: LibraryScene['importSample'] = async ({ signal, name = 'small' } = {}) => {
    const path = join(folder, `${name}.ova`);
    await writeFile(path, sampleOva(samplePackage({ name, languages: ['de'] })));
    const reader = await openPackage(path);
    onTestFinished(() => reader.close());
    const { vmId = '' } = await importPackage({
      backend,
      package: reader,
      target: { resourcePool: 'resgroup-8' },
      signal,
      parameters: () => [
        { type: 'NameAndProductParams', name, annotation: 'told' },
        { type: 'EulaParams', allEulaAccepted: true },
        { type: 'NetworkMappingParams', sourceNetworks: [{ name: 'VM Network', target: 'network-7' }] },
        { type: 'DatastoreMappingParams', targetDatastore: 'datastore-12', targetProvisioningType: 'thin' },
        { type: 'DeploymentOptionParams', selectedKey: 'large' },
        { type: 'PropertyParams', properties: [{ classId: 'net', id: 'hostname', value: 'web01' }] },
      ],
      poll: { firstMs: 20, maxMs: 100 },
    });
    return vmId;
  };
  return { upstream, inventory, blobs, importSample };
}

/** Names of what the library has. */
export const itemsOf = async ({ store }: Upstream) => (await store.library.items({})).map(({ name }) => name);
