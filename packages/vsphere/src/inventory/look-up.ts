import { type CallOptions, SessionError } from '@ovfkit/domain';
import { unlessAbsent } from '../unless-absent.ts';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { optional, reference } from '../vim/vim-shape.ts';
import type { ManagedObject } from '../vim/vim-value.ts';
import { escapedName, shownName } from './name.ts';

const findByInventoryPath: VimMethod<ManagedObject | undefined> = {
  name: 'FindByInventoryPath',
  result: optional(reference),
  isRepeatable: true,
};

const findChildMethod: VimMethod<ManagedObject | undefined> = {
  name: 'FindChild',
  result: optional(reference),
  isRepeatable: true,
};

/**
 * An object by its path from the root, `/DC/vm/folder/name`; nothing when there is none. A slash inside a name is written `%2f`.
 * @throws SessionError UNSUPPORTED when the server has no index
 */
export async function findByPath(
  vim: VimClient,
  path: string,
  options?: CallOptions,
): Promise<ManagedObject | undefined> {
  const object = searchIndexOf(vim);
  const names = path.split('/').filter((name) => name !== '');
  const inventoryPath = names.map((name) => escapedName(shownName(name))).join('/');
  return vim.call(findByInventoryPath, { object, args: { inventoryPath }, signal: options?.signal });
}

/**
 * What lies in a folder by a name, and not deeper; nothing when there is none, or no such folder. It takes one request, however much lies there.
 * @throws SessionError UNSUPPORTED when the server has no index
 */
export async function findChild(
  vim: VimClient,
  { folder: entity, name }: { readonly folder: ManagedObject; readonly name: string },
  options?: CallOptions,
): Promise<ManagedObject | undefined> {
  const object = searchIndexOf(vim);
  // names are kept escaped, and whether they are asked for so is said nowhere
  for (const each of new Set([escapedName(name), name])) {
    const found = await vim
      .call(findChildMethod, { object, args: { entity, name: each }, signal: options?.signal })
      .catch(unlessAbsent);
    if (found !== undefined) return found;
  }
  return undefined;
}

function searchIndexOf({ content: { searchIndex }, about }: VimClient): ManagedObject {
  if (searchIndex !== undefined) return searchIndex;
  throw new SessionError('UNSUPPORTED', `${about.fullName} has no index of its inventory.`);
}
