import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Inventory, PullSource, SessionStore } from '@ovfkit/domain';
import { type LocalStore, openLocalStore } from '@ovfkit/store-local';
import { onTestFinished } from 'vitest';
import { createEngine, type Engine, type EngineOptions } from '../../src/index.ts';
import { noPull } from './pull-source.ts';

export interface Started {
  readonly engine: Engine;
  readonly store: LocalStore;
  /** What nobody's input explains; a test that expects none looks. */
  readonly faults: readonly unknown[];
}

/** A folder of its own for one test. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-engine-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export type StartOptions = Partial<
  Pick<EngineOptions, 'clock' | 'dedup' | 'leaseMs' | 'signerRoots' | 'idleTimeoutMs' | 'terminalTimeoutMs' | 'limits'>
> & {
  readonly folder?: string;
  /** In place of one in the folder: another engine may have it too. */
  readonly store?: LocalStore;
  /** Stands in front of the store's own sessions. */
  readonly wrapSessions?: (sessions: SessionStore) => SessionStore;
  readonly pull?: PullSource;
  /** Stands in front of the store's own inventory. */
  readonly wrapInventory?: (inventory: Inventory) => Inventory;
};

/** An engine on a real store that is closed when the test ends. */
export async function startEngine(given: StartOptions = {}): Promise<Started> {
  const { folder, pull = noPull, wrapInventory = (inventory) => inventory, ...more } = given;
  const { store: shared, wrapSessions = (each) => each, ...options } = more;
  const store = shared ?? (await openLocalStore(folder ?? (await tempFolder())));
  const faults: unknown[] = [];
  const { blobs, library } = store;
  const sessions = wrapSessions(store.sessions);
  const inventory = wrapInventory(store.inventory);
  const onError = (error: unknown) => void faults.push(error);
  const engine = createEngine({ sessions, blobs, inventory, library, pull, onError, ...options });
  await engine.start();
  onTestFinished(async () => {
    await engine.close();
    await store.close();
  });
  return { engine, store, faults };
}

export const admin = { user: 'admin', isAdmin: true } as const;
