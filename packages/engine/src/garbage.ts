import type { BlobStore, Entity, Inventory, Library, SessionStore } from '@ovfkit/domain';
import { sessionKey, sessionOfBlob } from './blob-key.ts';
import { borrowedBy, type LivingSession, listSessions, livingSessions } from './living-sessions.ts';

/** What names blobs, and the blobs. */
export interface Stores {
  readonly sessions: SessionStore;
  readonly blobs: BlobStore;
  readonly inventory: Inventory;
  readonly library: Library;
}

/** Bytes that nobody needs, and bytes that are needed and are not there. */
export interface Garbage {
  /** Keys. */
  readonly orphans: readonly string[];
  readonly missing: readonly { readonly key: string; readonly neededBy: string }[];
}

/** Looks through stores that no engine works on. Both lists are empty after every stop, and after every start that followed a crash. */
export async function findGarbage(stores: Stores): Promise<Garbage> {
  const living = livingSessions(await listSessions(stores.sessions));
  return { orphans: await orphansAmong(stores, living), missing: await missingOf(stores, living) };
}

/** The blobs that no session, no machine and no library item needs; those that came for no session are not ours. */
export async function orphansAmong({ blobs, inventory, library }: Stores, living: readonly LivingSession[]) {
  const alive = new Set(living.map(({ address }) => sessionKey(address)));
  const borrowed = new Set(living.flatMap(borrowedBy));
  const left: string[] = [];
  for await (const key of blobs.keys('')) {
    const session = sessionOfBlob(key);
    if (session !== undefined && !alive.has(sessionKey(session)) && !borrowed.has(key)) left.push(key);
  }
  const [entities, items] = await Promise.all([inventory.held(left), library.held(left)]);
  return left.filter((key) => !entities.has(key) && !items.has(key));
}

async function missingOf(stores: Stores, living: readonly LivingSession[]): Promise<Garbage['missing']> {
  const missing: { readonly key: string; readonly neededBy: string }[] = [];
  for await (const { key, size, neededBy } of neededFiles(stores, living))
    if ((await stores.blobs.size(key)) !== size) missing.push({ key, neededBy });
  return missing;
}

interface NeededFile {
  readonly key: string;
  readonly size: number;
  readonly neededBy: string;
}

async function* neededFiles(
  { inventory, library }: Stores,
  living: readonly LivingSession[],
): AsyncGenerator<NeededFile> {
  for (const { address, files } of living)
    for (const { blob, size } of files) yield { key: blob, size, neededBy: `${address.kind} session ${address.id}` };
  for (const { vm } of await inventory.vm.list({}))
    for (const { blob, size } of filesOf(await inventory.describe({ type: 'VirtualMachine', id: vm })))
      yield { key: blob, size, neededBy: `virtual machine ${vm}` };
  for (const { id, files } of await library.items({}))
    for (const { blob, size } of files) yield { key: blob, size, neededBy: `library item ${id}` };
}

const filesOf = ({ vms }: Entity) =>
  vms.flatMap(({ disks, files }) => [...disks.flatMap(({ file }) => file ?? []), ...files]);
