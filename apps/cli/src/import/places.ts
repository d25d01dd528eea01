import type { CallOptions, InventoryServices } from '@ovfkit/domain';
import type { Pair } from '../arguments.ts';
import { findPlace, type Place, segmentsOf } from '../target/inventory-path.ts';
import type { Target } from '../target/resolve-target.ts';
import type { PlacementOptions } from './placement.ts';

/** What flags say of places, and what a target brings along. */
interface Placed extends PlacementOptions {
  readonly datastore?: string | undefined;
  readonly diskDatastore?: readonly Pair[] | undefined;
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
  const find = async (text: string, { kind, list }: Kind): Promise<Place | undefined> => {
    // names may hold slashes
    const isPath = text.startsWith('/') || (text.includes('/') && (await list()).every(({ name }) => name !== text));
    return isPath ? findPlace(inventory, absolute(text, { datacenter, kind }), call) : undefined;
  };
  const { pools, clusters, folders, hosts } = kindsIn(inventory, call);
  const pool = options.pool ?? located?.pool?.id ?? places.pool;
  const folder = options.folder ?? located?.folder?.id ?? places.folder;
  const host = options.host ?? located?.host?.id ?? (pool === undefined ? places.host : undefined);
  const { cluster } = options;
  return {
    ...options,
    cluster: cluster && ((await find(cluster, clusters))?.cluster?.id ?? cluster),
    pool: pool && ((await find(pool, pools))?.pool?.id ?? pool),
    folder: folder && ((await find(folder, folders))?.folder?.id ?? folder),
    host: host && ((await find(host, hosts))?.host?.id ?? host),
    // datastores are named alone, whatever folder they are in
    datastore: lastOf(options.datastore ?? places.datastore),
    diskDatastore: options.diskDatastore?.map(({ key, value }) => ({ key, value: lastOf(value) ?? value })),
  };
}

/** What is named, and where its paths begin. */
interface Kind {
  readonly kind: 'host' | 'vm';
  readonly list: () => Promise<readonly { readonly name: string }[]>;
}

const kindsIn = (inventory: InventoryServices, call: CallOptions) =>
  ({
    pools: { kind: 'host', list: () => inventory.resourcePool.list({}, call) },
    clusters: { kind: 'host', list: () => inventory.cluster.list({}, call) },
    folders: { kind: 'vm', list: () => inventory.folder.list({ type: 'VIRTUAL_MACHINE' }, call) },
    hosts: { kind: 'host', list: () => inventory.host.list({}, call) },
  }) as const satisfies Record<string, Kind>;

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
