import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeIn, sampleEntity, sampleVapp } from '@ovfkit/conformance';
import type { Inventory, SessionBackend } from '@ovfkit/domain';
import { openLocalStore } from '@ovfkit/store-local';
import type { VimClient } from '@ovfkit/vsphere';
import { onTestFinished } from 'vitest';
import { finishImport, type MadeIds } from '../../src/after/finish-import.ts';
import type { ImportOptions } from '../../src/import/import-options.ts';
import type { ReportEvent } from '../../src/output/report.ts';
import { openInProcess } from '../../src/target/in-process.ts';

/** An inventory with machines that imports have made, and what comes after such an import. */
export interface Made {
  readonly inventory: Inventory;
  readonly vm: MadeIds;
  readonly vapp: MadeIds;
  readonly events: readonly ReportEvent[];
  finish(options: Partial<ImportOptions>, made?: MadeIds, signal?: AbortSignal): ReturnType<typeof finishImport>;
}

/** `change` makes another inventory of the one in a temporary folder: guests that tell their address, say. */
export async function openMade(change: (inventory: Inventory) => Partial<Inventory> = () => ({})): Promise<Made> {
  const folder = await mkdtemp(join(tmpdir(), 'ovfkit-made-'));
  const store = await openLocalStore(folder);
  const inventory: Inventory = { ...store.inventory, ...change(store.inventory) };
  const own = { inventoryOver: () => inventory, folder: join(folder, 'own'), onBytes: () => undefined };
  const { backend, close } = await openInProcess(own);
  onTestFinished(async () => {
    await close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  const place = await placeIn(inventory);
  const create = (entity: ReturnType<typeof sampleEntity>) =>
    inventory.create({ key: entity.name, entity, files: [], descriptor: '<Envelope/>', parameters: [] });
  const vm = { vmId: (await create(sampleEntity({ ...place, name: 'web01' }))).id };
  const vapp = { vappId: (await create(sampleVapp({ ...place, name: 'suite' }))).id };
  const events: ReportEvent[] = [];
  return { inventory, vm, vapp, events, finish: finishing(backend, { vm, events }) };
}

interface Finishing {
  readonly vm: MadeIds;
  readonly events: ReportEvent[];
  /** vim25 of the target; it has none when absent. */
  readonly vim?: VimClient;
}

/** What comes after an import, at a target of which this is the backend. */
export const finishing =
  (backend: SessionBackend, { vm, events, vim }: Finishing) =>
  (options: Partial<ImportOptions>, made = vm, signal = new AbortController().signal) =>
    finishImport(
      {
        context: { signal },
        connection: { vim: async () => vim },
        backend,
        options: { source: 'web01.ova', to: 'lab', verify: true, ...options },
        report: { event: (event) => events.push(event), close: () => undefined },
        looked: { fingerprint: '' },
      },
      made,
    );
