import { type SampleFile, sampleOva, samplePackage } from '@ovfkit/conformance';
import type { BlobStore, SessionBackend } from '@ovfkit/domain';
import { admin, startEngine } from './engine.ts';

export const sample = samplePackage({ name: 'app' });
export const ova: SampleFile = { name: 'app.ova', bytes: sampleOva(sample) };

/** An engine, seen by its admin. */
export async function start(options: Parameters<typeof startEngine>[0] = {}) {
  const started = await startEngine(options);
  const backend = started.engine.backendFor(admin);
  return { ...started, backend, library: backend.contentLibrary };
}

export const namesOf = async ({ contentLibrary }: SessionBackend, libraryItemId: string) =>
  (await contentLibrary.itemFile.list({ libraryItemId })).map(({ name }) => name).toSorted();

/** Everything that is kept. */
export const keysOf = async (blobs: BlobStore): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const key of blobs.keys('')) keys.push(key);
  return keys;
};
