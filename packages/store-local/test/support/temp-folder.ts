import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type LocalStore, type LocalStoreOptions, openLocalStore } from '../../src/index.ts';

/** A folder of its own for the running test, removed after it. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store for the running test, closed before its folder goes. */
export async function openStore(folder?: string, options?: LocalStoreOptions): Promise<LocalStore> {
  const store = await openLocalStore(folder ?? (await tempFolder()), options);
  onTestFinished(() => store.close());
  return store;
}
