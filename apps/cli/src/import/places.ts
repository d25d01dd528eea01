import type { CallOptions, InventoryServices } from '@ovfkit/domain';
import { findPlace, segmentsOf } from '../target/inventory-path.ts';
import type { Target } from '../target/resolve-target.ts';
import type { PlacementOptions } from './placement.ts';

/** What flags say of places, and what a target brings along. */
interface Placed extends PlacementOptions {
  readonly datastore?: string | undefined;
}

/**
 * The options with the places that the target itself names, by a `vi://` locator or by variables of govc: flags win, then the locator.
 * Paths of the inventory become ids.
 * @throws CliError for a path that leads nowhere
 */
export async function withPlaces<Options extends Placed>(
  inventory: InventoryServices,
  { options, target, call }: { readonly options: Options; readonly target: Target; readonly call: CallOptions },
): Promise<Options> {
  const { path, places } = target;
  const located = path.length === 0 ? undefined : await findPlace(inventory, path, call);
  const datacenter = places.datacenter ?? path[0];
  const find = async (text: string, kind: 'host' | 'vm') =>
    findPlace(inventory, absolute(text, { datacenter, kind }), call);
  const pool = options.pool ?? located?.pool?.id ?? places.pool;
  const folder = options.folder ?? located?.folder?.id ?? places.folder;
  const host = options.host ?? located?.host?.id ?? (pool === undefined ? places.host : undefined);
  return {
    ...options,
    pool: pool?.includes('/') ? (await find(pool, 'host')).pool?.id : pool,
    folder: folder?.includes('/') ? (await find(folder, 'vm')).folder?.id : folder,
    host: host?.includes('/') ? (await find(host, 'host')).host?.id : host,
    // datastores are named alone, whatever folder they are in
    datastore: lastOf(options.datastore ?? places.datastore),
  };
}

/** Relative paths begin in the datacenter, where govc lets them. */
function absolute(
  text: string,
  { datacenter, kind }: { readonly datacenter: string | undefined; readonly kind: 'host' | 'vm' },
): readonly string[] {
  const segments = segmentsOf(text);
  return text.startsWith('/') || datacenter === undefined ? segments : [...segmentsOf(datacenter), kind, ...segments];
}

/** `/DC/datastore/local` means `local`. */
export const lastOf = (text: string | undefined): string | undefined =>
  text?.startsWith('/') ? segmentsOf(text).at(-1) : text;
