import { randomUUID } from 'node:crypto';
import {
  type CreateLibrary,
  type LibraryService,
  type LocalLibraryService,
  libraryTextProblems,
  SessionError,
  type StorageBacking,
  type UpdateLibrary,
} from '@ovfkit/domain';
import { clientTokenOf, guarded, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import { dropBlobs } from '../drop-blobs.ts';
import { checkNotUpdated } from './busy-items.ts';
import { libraryModel } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';

/** Libraries of every type; here all are local ones. */
export function createLibraryService({ core }: LibraryParts): LibraryService {
  return {
    list: guarded(async () => (await core.library.libraries()).map(({ id }) => id)),
    get: guarded(async ({ libraryId }) => libraryModel(core, await core.library.library(libraryId))),
    find: guarded(async ({ spec: { name, type } }) => {
      if (name === undefined && type === undefined)
        throw new SessionError('INVALID_ARGUMENT', 'Say what to find: a name, a type, or both.');
      return (await core.library.libraries())
        .filter((each) => name === undefined || isSameName(each.name, name))
        .filter(() => type === undefined || type === 'LOCAL')
        .map(({ id }) => id);
    }),
    delete: guarded(({ libraryId }) => deleteLibrary(core, libraryId)),
  };
}

/** Names are found whatever their case. */
export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Local libraries of one caller. */
export function createLocalLibraryService(parts: LibraryParts): LocalLibraryService {
  const { list, get, delete: remove } = createLibraryService(parts);
  return {
    list,
    get,
    delete: remove,
    create: guarded((input) => create(parts, input)),
    update: guarded((input) => update(parts.core, input)),
  };
}

async function create({ core, principal }: LibraryParts, input: CreateLibrary): Promise<string> {
  const { name, description, type = 'LOCAL', storageBackings } = input.createSpec;
  const clientToken = clientTokenOf(input.clientToken);
  refuse([...(name === undefined ? ['name is required.'] : []), ...libraryTextProblems(input.createSpec)]);
  if (type !== 'LOCAL') throw new SessionError('UNSUPPORTED', `Libraries here are LOCAL, not ${type}.`);
  const now = core.clock();
  const library = await core.library.insertLibrary({
    id: randomUUID(),
    owner: principal.user,
    clientToken,
    name: name ?? '',
    description: description ?? '',
    storageBackings: [...(await backingsOf(core, storageBackings))],
    version: 1,
    createdAt: now,
    modifiedAt: now,
  });
  return library.id;
}

/** The bytes of all libraries are in this server's store, which is its datastore: a client may name it or leave it out. */
async function backingsOf(
  { inventory }: Core,
  wanted: readonly StorageBacking[] = [],
): Promise<readonly StorageBacking[]> {
  const datastores = await inventory.datastore.list({});
  for (const { type, datastoreId } of wanted) {
    if (type !== 'DATASTORE')
      throw new SessionError('UNSUPPORTED', `A library is kept on a DATASTORE here, not on ${type}.`);
    if (datastores.every(({ datastore }) => datastore !== datastoreId))
      refuse([`storage_backings: there is no datastore ${datastoreId ?? ''}.`]);
  }
  if (wanted.length > 0) return wanted;
  return datastores.slice(0, 1).map(({ datastore }) => ({ type: 'DATASTORE', datastoreId: datastore }));
}

async function update(core: Core, { libraryId, updateSpec }: UpdateLibrary): Promise<void> {
  const { name, description, version } = updateSpec;
  refuse(libraryTextProblems(updateSpec));
  const before = await core.library.library(libraryId);
  checkVersion(before.version, version);
  await core.library.replaceLibrary({
    ...before,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    modifiedAt: core.clock(),
  });
}

/** @throws SessionError CONCURRENT_CHANGE when a client speaks of another version than the one that is here */
export function checkVersion(current: number, given: string | undefined): void {
  if (given === undefined || given === String(current)) return;
  throw new SessionError('CONCURRENT_CHANGE', `It is at version ${current} by now, not at ${given}.`);
}

async function deleteLibrary(core: Core, libraryId: string): Promise<void> {
  const items = await core.references.take(async () => {
    await core.library.library(libraryId);
    const all = await core.library.items({ libraryId });
    await checkNotUpdated(core, all);
    await core.library.deleteLibrary(libraryId);
    return all;
  });
  await dropBlobs(
    core,
    items.flatMap(({ files }) => files.map(({ blob }) => blob)),
  );
}
