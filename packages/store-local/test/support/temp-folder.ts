import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BlobStore } from '@ovfkit/domain';
import { onTestFinished } from 'vitest';
import { createBlobDigests } from '../../src/blob-digests.ts';
import { createBlobStore } from '../../src/blob-store.ts';
import { openDatabase } from '../../src/database.ts';
import { type LocalStore, type LocalStoreOptions, openLocalStore } from '../../src/index.ts';
import { migrations } from '../../src/migrations.ts';

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

/** Blobs alone in a folder of their own; their digests are forgotten with the test. */
export function openBlobs(folder: string): BlobStore {
  const own = mkdtempSync(join(tmpdir(), 'ovfkit-digests-'));
  const database = openDatabase(join(own, 'digests.sqlite'), migrations);
  onTestFinished(() => {
    database.close();
    rmSync(own, { recursive: true });
  });
  return createBlobStore(folder, { digests: createBlobDigests(database) });
}
