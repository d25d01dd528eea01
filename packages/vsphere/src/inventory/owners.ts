import { retrieveAll } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { reference } from '../vim/vim-shape.ts';

/** Whether a compute resource owns one of these pools. */
export async function ownersOf(
  vim: VimClient,
  { resourcePools, signal }: { readonly resourcePools: readonly string[]; readonly signal: AbortSignal | undefined },
): Promise<(id: string) => boolean> {
  const found = await retrieveAll(vim, { type: 'ResourcePool', properties: { owner: reference }, signal });
  const owners = found
    .filter(({ ref }) => resourcePools.includes(ref.value))
    .map(({ properties }) => properties.owner.value);
  return (id) => owners.includes(id);
}
