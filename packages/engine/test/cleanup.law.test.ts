import { breakingOff, noise, samplePackage } from '@ovfkit/conformance';
import { type Inventory, type SessionBackend, SessionError } from '@ovfkit/domain';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findGarbage } from '../src/index.ts';
import { admin, type Started, startEngine, tempFolder } from './support/engine.ts';
import { beginUpdate, pushFile } from './support/library.ts';
import { accepted, createImport, named, pieces, push, send, until } from './support/session.ts';

const { descriptor, disk, manifest } = samplePackage({ name: 'law' });
const limits = { pullAttempts: 1, pullRetryDelayMs: 1 };

/** What happens, to which of the things of its kind that are there. */
const operations = [
  'machine',
  'import',
  'descriptor',
  'disk',
  'broken disk',
  'other disk',
  'instantiate',
  'instantiate, refused',
  'instantiate, made and lost',
  'delete import',
  'export',
  'capture',
  'delete export',
  'delete vm',
  'update',
  'file',
  'broken file',
  'complete',
  'cancel',
  'download',
  'delete download',
  'delete item',
  'restart',
] as const;
const steps = fc.array(fc.record({ operation: fc.constantFrom(...operations), which: fc.nat(9) }), {
  minLength: 8,
  maxLength: 40,
});
type Operation = (typeof operations)[number];

interface World {
  readonly backend: SessionBackend;
  /** Of the machine that is made next. */
  readonly failure: { next?: 'refused' | 'made and lost' };
  readonly which: number;
  readonly libraryId: string;
}

/** One of those that are there. */
const one = <Thing>(things: readonly Thing[], which: number): Thing => {
  const thing = things[which % Math.max(1, things.length)];
  if (thing === undefined) throw new SessionError('NOT_FOUND', 'There is none.');
  return thing;
};

const importOf = async ({ backend, which }: World) => one(await backend.importSession.list({}), which).id;
const exportOf = async ({ backend, which }: World) => one(await backend.exportSession.list({}), which).id;
const vmOf = async ({ backend, which }: World) => one(await backend.inventory.vm.list({}), which).vm;
const itemOf = async ({ backend, which, libraryId }: World) =>
  one(await backend.contentLibrary.item.list({ libraryId }), which);
const updateOf = async ({ backend, which }: World) => one(await backend.contentLibrary.updateSession.list({}), which);
const downloadOf = async ({ backend, which }: World) =>
  one(await backend.contentLibrary.downloadSession.list({}), which);

/** Sends bytes as the disk of an import, whatever they are. */
async function sendDisk(world: World, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const address = { kind: 'import', sessionId: await importOf(world), file: { name: disk.name } } as const;
  const { offset } = await world.backend.files.uploadState(address);
  if (offset === 0) await world.backend.files.upload({ ...address, offset, size: disk.bytes.length, bytes });
}

async function instantiate(world: World, failure?: 'refused' | 'made and lost'): Promise<void> {
  const id = await importOf(world);
  if (failure !== undefined) world.failure.next = failure;
  const instantiationParameters = [accepted, named(`vm-${world.which}`)];
  await world.backend.importSession.instantiate({ id, instantiationParameters });
}

async function exporting(world: World, toLibrary: boolean): Promise<void> {
  const source = { vmId: await vmOf(world) };
  const { libraryId, which } = world;
  const createSpec = toLibrary
    ? { targetType: 'CONTENT_LIBRARY_TARGET', contentLibrary: libraryId, name: `captured-${which}` }
    : { targetType: 'DOWNLOAD_TARGET', targetContentType: 'OVF_TARGET' };
  await world.backend.exportSession.create({ source, createSpec });
}

/** An import as far as it gets, up to its end: what the others do step by step, seldom in the right order. */
async function machine(world: World): Promise<void> {
  const { backend, which } = world;
  const id = await createImport(backend, push);
  await send(backend, { id, name: 'descriptor.ovf', bytes: descriptor.bytes });
  await until(backend, id, 'IMPORT_SELECTING_OVF_PARAMS');
  await send(backend, { id, name: disk.name, bytes: disk.bytes });
  const instantiationParameters = [accepted, named(`machine-${which}`)];
  await backend.importSession.instantiate({ id, instantiationParameters });
}

const play: Readonly<Record<Exclude<Operation, 'restart'>, (world: World) => Promise<unknown>>> = {
  machine,
  import: ({ backend }) => createImport(backend, { ...push, pushSourceOvfOption: 'NONE' }),
  descriptor: async (world) =>
    send(world.backend, { id: await importOf(world), name: 'descriptor.ovf', bytes: descriptor.bytes }),
  disk: (world) => sendDisk(world, pieces(disk.bytes)),
  'broken disk': (world) =>
    sendDisk(world, breakingOff(new SessionError('TIMED_OUT', 'cut'), disk.bytes.subarray(0, 9_000))),
  'other disk': (world) => sendDisk(world, pieces(noise(disk.bytes.length))),
  instantiate: (world) => instantiate(world),
  'instantiate, refused': (world) => instantiate(world, 'refused'),
  'instantiate, made and lost': (world) => instantiate(world, 'made and lost'),
  'delete import': async (world) => world.backend.importSession.delete({ id: await importOf(world) }),
  export: (world) => exporting(world, false),
  capture: (world) => exporting(world, true),
  'delete export': async (world) => world.backend.exportSession.delete({ id: await exportOf(world) }),
  'delete vm': async (world) => world.backend.inventory.vm.delete({ vm: await vmOf(world) }),
  async update(world) {
    const { backend, libraryId, which } = world;
    const name = `item-${which}`;
    const { item } = backend.contentLibrary;
    const [known] = await item.find({ spec: { libraryId, name } });
    await beginUpdate(backend, known ?? (await item.create({ createSpec: { libraryId, name, type: 'other' } })));
  },
  file: async (world) =>
    pushFile(world.backend, { id: await updateOf(world), file: one([disk, descriptor, manifest], world.which) }),
  'broken file': async (world) =>
    pushFile(world.backend, { id: await updateOf(world), file: disk, spec: { size: 17 } }),
  complete: async (world) =>
    world.backend.contentLibrary.updateSession.complete({ updateSessionId: await updateOf(world) }),
  cancel: async (world) =>
    world.backend.contentLibrary.updateSession.cancel({ updateSessionId: await updateOf(world) }),
  download: async (world) =>
    world.backend.contentLibrary.downloadSession.create({ createSpec: { libraryItemId: await itemOf(world) } }),
  'delete download': async (world) =>
    world.backend.contentLibrary.downloadSession.delete({ downloadSessionId: await downloadOf(world) }),
  'delete item': async (world) => world.backend.contentLibrary.item.delete({ libraryItemId: await itemOf(world) }),
};

/** What a caller did wrong, or at the wrong time, is refused; nothing else may go wrong. */
async function refusable(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind === 'INTERNAL_SERVER_ERROR') throw error;
  }
}

async function endEverySession({ backend }: Pick<World, 'backend'>): Promise<void> {
  const { updateSession, downloadSession } = backend.contentLibrary;
  for (const { id } of await backend.importSession.list({})) await backend.importSession.delete({ id });
  for (const { id } of await backend.exportSession.list({})) await backend.exportSession.delete({ id });
  for (const updateSessionId of await updateSession.list({})) {
    await refusable(() => updateSession.cancel({ updateSessionId }));
    await refusable(() => updateSession.delete({ updateSessionId }));
  }
  for (const downloadSessionId of await downloadSession.list({})) await downloadSession.delete({ downloadSessionId });
}

async function keysOf({ store }: Started): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of store.blobs.keys('')) keys.push(key);
  return keys;
}

/** The blobs are those that machines and items hold, each of them and no other. */
async function expectOnlyHeld(started: Started): Promise<void> {
  const { inventory, library } = started.store;
  // some of it is cleaned up in the background
  await expect.poll(() => findGarbage(started.store)).toEqual({ orphans: [], missing: [] });
  const keys = await keysOf(started);
  const held = new Set([...(await inventory.held(keys)), ...(await library.held(keys))]);
  expect(keys.filter((key) => !held.has(key))).toEqual([]);
}

test('whatever happens in whatever order, no session lacks what came for it, and the blobs that stay are those that machines and items hold', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const folder = await tempFolder();
      const failure: World['failure'] = {};
      const wrapInventory = (inventory: Inventory): Inventory => ({
        ...inventory,
        async create(request, options) {
          const { next } = failure;
          delete failure.next;
          if (next !== 'refused') {
            const ref = await inventory.create(request, options);
            if (next === undefined) return ref;
          }
          throw new SessionError('UNABLE_TO_ALLOCATE_RESOURCE', 'The inventory fails.');
        },
      });
      const begin = () => startEngine({ folder, wrapInventory, limits });
      const stop = async ({ engine, store }: Started) => {
        await engine.close();
        await store.close();
      };
      let started = await begin();
      let backend = started.engine.backendFor(admin);
      const { localLibrary } = backend.contentLibrary;
      const libraryId = await localLibrary.create({ createSpec: { name: 'all', type: 'LOCAL' } });
      for (const { operation, which } of sequence) {
        if (operation === 'restart') {
          await stop(started);
          started = await begin();
          backend = started.engine.backendFor(admin);
        } else await refusable(() => play[operation]({ backend, failure, which, libraryId }));
      }
      await expect.poll(async () => (await findGarbage(started.store)).missing).toEqual([]);
      await endEverySession({ backend });
      await expectOnlyHeld(started);
      for (const { vm } of await backend.inventory.vm.list({})) await backend.inventory.vm.delete({ vm });
      await backend.contentLibrary.localLibrary.delete({ libraryId });
      await expect.poll(() => keysOf(started)).toEqual([]);
      await stop(started);
    }),
    { numRuns: 25 },
  );
});
