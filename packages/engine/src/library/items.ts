import { randomUUID } from 'node:crypto';
import {
  type ContentItemService,
  type CopyContentItem,
  type CreateContentItem,
  type FindContentItems,
  type ItemFileService,
  type ItemStorageService,
  type LibraryItemModel,
  libraryTextProblems,
  SessionError,
  type StoredLibraryItem,
  type UpdateContentItem,
} from '@ovfkit/domain';
import { clientTokenOf, guarded, refuse } from '../call-check.ts';
import type { Core } from '../core.ts';
import { dropBlobs } from '../drop-blobs.ts';
import { checkNotUpdated } from './busy-items.ts';
import { checkVersion, isSameName } from './libraries.ts';
import { itemFileInfo, itemModel, itemStorageInfo } from './library-models.ts';
import type { LibraryParts } from './library-parts.ts';

/** Items of one caller's. */
export function createContentItemService(parts: LibraryParts): ContentItemService {
  const { core } = parts;
  return {
    list: guarded(async ({ libraryId }) => {
      await core.library.library(libraryId);
      return (await core.library.items({ libraryId })).map(({ id }) => id);
    }),
    get: guarded(async ({ libraryItemId }) => itemModel(await core.library.item(libraryItemId))),
    find: guarded(({ spec }) => find(core, spec)),
    create: guarded((input) => create(parts, input)),
    update: guarded((input) => update(core, input)),
    delete: guarded(({ libraryItemId }) => deleteItem(core, libraryItemId)),
    copy: guarded((input) => copy(parts, input)),
  };
}

async function find(core: Core, spec: FindContentItems['spec']): Promise<readonly string[]> {
  const { libraryId, name, type, sourceId, cached } = spec;
  if ([libraryId, name, type, sourceId, cached].every((each) => each === undefined))
    throw new SessionError('INVALID_ARGUMENT', 'Say what to find: a library, a name, a type or a source.');
  const items = await core.library.items(libraryId === undefined ? {} : { libraryId });
  return items
    .filter((item) => name === undefined || isSameName(item.name, name))
    .filter((item) => type === undefined || isSameName(item.type, type))
    .filter((item) => sourceId === undefined || item.sourceId === sourceId)
    .filter(() => cached !== false)
    .map(({ id }) => id);
}

/** An item without files. @throws SessionError INVALID_ARGUMENT for what is missing or too long */
function newItem(
  { core, principal }: LibraryParts,
  spec: LibraryItemModel,
  token: string | undefined,
): StoredLibraryItem {
  const { name, libraryId, description, type } = spec;
  const missing = Object.entries({ name, library_id: libraryId }).filter(([, value]) => value === undefined);
  const clientToken = clientTokenOf(token);
  refuse([...missing.map(([field]) => `${field} is required.`), ...libraryTextProblems(spec)]);
  const now = core.clock();
  return {
    id: randomUUID(),
    owner: principal.user,
    clientToken,
    libraryId: libraryId ?? '',
    name: name ?? '',
    description: description ?? '',
    type: type ?? '',
    files: [],
    version: 1,
    metadataVersion: 1,
    contentVersion: 1,
    createdAt: now,
    modifiedAt: now,
  };
}

const create = async (parts: LibraryParts, { createSpec, clientToken }: CreateContentItem): Promise<string> =>
  (await parts.core.library.insertItem(newItem(parts, createSpec, clientToken))).id;

/** The copy names the same blobs: no byte is copied, and none is lost as long as one of the two is there. */
async function copy(parts: LibraryParts, input: CopyContentItem): Promise<string> {
  const { core } = parts;
  const { sourceLibraryItemId, destinationCreateSpec: spec, clientToken } = input;
  return core.references.take(async () => {
    const source = await core.library.item(sourceLibraryItemId);
    const { name = source.name, description = source.description, libraryId = source.libraryId } = spec;
    const item = newItem(parts, { ...spec, name, description, libraryId, type: source.type }, clientToken);
    const files = source.files.map((file) => ({ ...file, version: item.contentVersion }));
    return (await core.library.insertItem({ ...item, sourceId: source.id, files })).id;
  });
}

async function update(core: Core, { libraryItemId, updateSpec }: UpdateContentItem): Promise<void> {
  const { name, description, type, version } = updateSpec;
  refuse(libraryTextProblems(updateSpec));
  // in turn: an update session that is being completed must not find the item changed between two of its steps
  await core.references.take(async () => {
    const before = await core.library.item(libraryItemId);
    checkVersion(before.version, version);
    // what is in it was checked for its type, or was not
    if (type !== undefined && !isSameName(type, before.type) && before.files.length > 0)
      refuse([`type: the item has files and stays of the type ${before.type}.`]);
    await core.library.replaceItem({
      ...before,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(type === undefined ? {} : { type }),
      metadataVersion: before.metadataVersion + 1,
      modifiedAt: core.clock(),
    });
  });
}

async function deleteItem(core: Core, id: string): Promise<void> {
  const { files } = await core.references.take(async () => {
    const item = await core.library.item(id);
    await checkNotUpdated(core, [item]);
    await core.library.deleteItem(id);
    return item;
  });
  await dropBlobs(
    core,
    files.map(({ blob }) => blob),
  );
}

/** The files of items. */
export function createItemFileService({ core }: LibraryParts): ItemFileService {
  return {
    list: guarded(async ({ libraryItemId }) => (await core.library.item(libraryItemId)).files.map(itemFileInfo)),
    get: guarded(async ({ libraryItemId, name }) =>
      found(name, (await core.library.item(libraryItemId)).files.map(itemFileInfo)),
    ),
  };
}

/** The files of items with where they lie. */
export function createItemStorageService({ core }: LibraryParts): ItemStorageService {
  const storageOf = async (libraryItemId: string) => {
    const item = await core.library.item(libraryItemId);
    return itemStorageInfo(await core.library.library(item.libraryId), item);
  };
  return {
    list: guarded(({ libraryItemId }) => storageOf(libraryItemId)),
    get: guarded(async ({ libraryItemId, fileName }) => [found(fileName, await storageOf(libraryItemId))]),
  };
}

/** The one of that name. @throws SessionError NOT_FOUND */
export function found<File extends { readonly name: string }>(name: string, files: readonly File[]): File {
  const file = files.find((each) => each.name === name);
  if (file === undefined) throw new SessionError('NOT_FOUND', `There is no file ${name}.`);
  return file;
}
