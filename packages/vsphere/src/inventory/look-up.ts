import { type CallOptions, SessionError } from '@ovfkit/domain';
import type { VimClient, VimMethod } from '../vim/vim-client.ts';
import { optional, reference } from '../vim/vim-shape.ts';
import type { ManagedObject } from '../vim/vim-value.ts';
import { escapedName, shownName } from './name.ts';

const findByInventoryPath: VimMethod<ManagedObject | undefined> = {
  name: 'FindByInventoryPath',
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
  const { searchIndex } = vim.content;
  if (searchIndex === undefined)
    throw new SessionError('UNSUPPORTED', `${vim.about.fullName} has no index of its inventory.`);
  const names = path.split('/').filter((name) => name !== '');
  const inventoryPath = names.map((name) => escapedName(shownName(name))).join('/');
  return vim.call(findByInventoryPath, { object: searchIndex, args: { inventoryPath }, signal: options?.signal });
}
