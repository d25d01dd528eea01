import { type InventoryServices, passes } from '@ovfkit/domain';
import { retrieveAll, retrieveOne } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { list, optional, reference, text } from '../vim/vim-shape.ts';
import { managedObject } from '../vim/vim-value.ts';
import { find, isIn } from './find.ts';
import { shownName } from './name.ts';

/** Resource pools; vApps, which vim25 derives from them, are none. */
export const resourcePoolService = (vim: VimClient): InventoryServices['resourcePool'] => ({
  async list(filter, options) {
    const found = await find(vim, {
      type: 'ResourcePool',
      properties: { parent: optional(reference), owner: reference },
      filter,
      ids: filter.resourcePools,
      options,
    });
    const { hosts = [] } = filter;
    const hostsOf =
      hosts.length === 0 ? new Map<string, readonly string[]>() : await hostsByOwner(vim, options?.signal);
    return found
      .filter(
        ({ ref, properties: { parent, owner } }) =>
          ref.type === 'ResourcePool' &&
          isIn(filter.parentResourcePools, parent) &&
          passes(filter.clusters, owner.value) &&
          passes(hosts, ...(hostsOf.get(owner.value) ?? [])),
      )
      .map(({ id, name }) => ({ resourcePool: id, name }));
  },
  async get({ resourcePool }, options) {
    const { name, resourcePool: children } = await retrieveOne(vim, {
      object: managedObject('ResourcePool', resourcePool),
      properties: { name: text, resourcePool: list(reference) },
      signal: options?.signal,
    });
    const pools = children.filter(({ type }) => type === 'ResourcePool').map(({ value }) => value);
    return { name: shownName(name), resourcePools: pools };
  },
});

/** The hosts of compute resources and clusters. */
async function hostsByOwner(
  vim: VimClient,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const owners = await retrieveAll(vim, { type: 'ComputeResource', properties: { host: list(reference) }, signal });
  return new Map(owners.map(({ ref, properties }) => [ref.value, properties.host.map(({ value }) => value)]));
}
