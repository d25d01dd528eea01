import type { BlobStore, Entity, Inventory, Library, SessionMember, SessionStore } from '@ovfkit/domain';
import { type SessionKindName, sessionKey, sessionOfBlob } from './blob-key.ts';
import { borrowedBy, type KnownSessions, listSessions, livingKeys } from './named-blobs.ts';
import { isOver, receivedFiles } from './received.ts';

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
  const known = await listSessions(stores.sessions);
  return { orphans: await orphansAmong(stores, known), missing: await missingOf(stores, known) };
}

/** The blobs that no session, no machine and no library item needs; those that came for no session are not ours. */
export async function orphansAmong({ blobs, inventory, library }: Stores, known: KnownSessions) {
  const living = livingKeys(known);
  const borrowed = new Set(borrowedBy(known).flatMap((each) => each.blobs));
  const left: string[] = [];
  for await (const key of blobs.keys('')) {
    const session = sessionOfBlob(key);
    if (session !== undefined && !living.has(sessionKey(session)) && !borrowed.has(key)) left.push(key);
  }
  const [entities, items] = await Promise.all([inventory.held(left), library.held(left)]);
  return left.filter((key) => !entities.has(key) && !items.has(key));
}

async function missingOf(stores: Stores, known: KnownSessions): Promise<Garbage['missing']> {
  const missing: { readonly key: string; readonly neededBy: string }[] = [];
  const isThere = async ({ key, size }: NeededFile) => (await stores.blobs.size(key)) === size;
  for (const needed of neededBySessions(known))
    if (!(await isThere(needed))) missing.push({ key: needed.key, neededBy: needed.neededBy });
  for await (const needed of neededFiles(stores))
    if (!(await isThere(needed))) missing.push({ key: needed.key, neededBy: needed.neededBy });
  return missing;
}

interface NeededFile {
  readonly key: string;
  readonly size: number;
  readonly neededBy: string;
}

/** What unfinished sessions have received whole. */
function neededBySessions(known: KnownSessions): readonly NeededFile[] {
  const neededBy = (kind: SessionKindName, { id }: { readonly id: string }, files: readonly Kept[]) =>
    files.map(({ blob, size }) => ({ key: blob, size, neededBy: `${kind} session ${id}` }));
  return [
    ...known.import.flatMap((each) => (isOver(each) ? [] : neededBy('import', each, receivedFiles(each, 'import')))),
    ...known.probe.flatMap((each) => (isOver(each) ? [] : neededBy('probe', each, receivedFiles(each, 'probe')))),
    ...known.update
      .filter(({ state }) => state === 'ACTIVE')
      .flatMap((each) => each.files.flatMap(({ content }) => neededBy('update', each, content))),
    ...known.download
      .filter(({ state }) => state === 'ACTIVE')
      .flatMap((each) => neededBy('download', each, each.files)),
  ];
}

type Kept = Pick<SessionMember, 'blob' | 'size'>;

async function* neededFiles({ inventory, library }: Stores): AsyncGenerator<NeededFile> {
  for (const { vm } of await inventory.vm.list({}))
    for (const { blob, size } of filesOf(await inventory.describe({ type: 'VirtualMachine', id: vm })))
      yield { key: blob, size, neededBy: `virtual machine ${vm}` };
  for (const { id, files } of await library.items({}))
    for (const { blob, size } of files) yield { key: blob, size, neededBy: `library item ${id}` };
}

const filesOf = ({ vms }: Entity) =>
  vms.flatMap(({ disks, files }) => [...disks.flatMap(({ file }) => file ?? []), ...files]);
