import { type CallOptions, type InventoryServices, type NearPool, nearPool, type SessionBackend } from '@ovfkit/domain';
import type { Notes } from '../plan/notes.ts';
import { type Candidate, choose, chooseOrOnly } from './candidate.ts';
import { checkHostOfPool, chooseHost, poolOfHost } from './host-choice.ts';

/** Names or ids of the flags. */
export interface PlacementOptions {
  readonly pool?: string | undefined;
  readonly cluster?: string | undefined;
  readonly folder?: string | undefined;
  readonly host?: string | undefined;
}

/** Where an import goes. */
export interface ChosenPlacement {
  readonly resourcePool: Candidate;
  /** Whose pool that is, when it was asked for. */
  readonly cluster?: Candidate;
  /** Absent: the target's default, which it does not tell. */
  readonly folder?: Candidate;
  readonly host?: Candidate;
}

/** The same, with what keeps networks and datastores to where the pool is. */
export interface LocatedPlacement extends ChosenPlacement {
  readonly near: NearPool;
}

interface Choosing {
  readonly options: PlacementOptions;
  readonly signal: AbortSignal;
  readonly notes: Notes;
}

/** Resolves names against the target; nothing when there is no pool to make anything in. What does not fit is noted. */
export async function choosePlacement(
  { inventory }: SessionBackend,
  { options, signal, notes }: Choosing,
): Promise<LocatedPlacement | undefined> {
  const call = { signal };
  const cluster = await notes.attemptCall('place', () => chooseCluster(inventory, { options, signal }));
  if (options.cluster !== undefined && cluster === undefined) return undefined;
  const host = await notes.attemptCall('place', () => chooseHost(inventory, { host: options.host, cluster, call }));
  const resourcePool = await notes.attemptCall('place', () =>
    choosePool(inventory, { options, cluster, host, signal }),
  );
  const near = resourcePool === undefined ? {} : await nearPool(inventory, resourcePool.id, call);
  const folder = await notes.attemptCall('place', () =>
    chooseFolder(inventory, { wanted: options.folder, near, call }),
  );
  if (resourcePool === undefined) return undefined;
  if (host !== undefined)
    await notes.attemptCall('place', () => checkHostOfPool(inventory, { host, pool: resourcePool, call }));
  return {
    resourcePool,
    near,
    ...(cluster === undefined ? {} : { cluster }),
    ...(folder === undefined ? {} : { folder }),
    ...(host === undefined ? {} : { host }),
  };
}

async function chooseCluster(
  inventory: InventoryServices,
  { options, signal }: Omit<Choosing, 'notes'>,
): Promise<Candidate | undefined> {
  if (options.cluster === undefined) return undefined;
  const candidates = (await inventory.cluster.list({}, { signal })).map(({ cluster: id, name }) => ({ id, name }));
  return choose(options.cluster, { what: 'cluster', flag: '--cluster', candidates });
}

interface ChoosingPool extends Omit<Choosing, 'notes'> {
  readonly cluster: Candidate | undefined;
  readonly host: Candidate | undefined;
}

/** The pool that is named, the cluster's own, the host's own, or the only one there is. */
async function choosePool(
  inventory: InventoryServices,
  { options, cluster, host, signal }: ChoosingPool,
): Promise<Candidate> {
  if (options.pool === undefined && cluster === undefined && host !== undefined) {
    const own = await poolOfHost(inventory, { host, call: { signal } });
    if (own !== undefined) return own;
  }
  const pools = await inventory.resourcePool.list(cluster === undefined ? {} : { clusters: [cluster.id] }, { signal });
  const candidates = pools.map(({ resourcePool: id, name }) => ({ id, name }));
  const choice = { what: 'resource pool', flag: '--pool', candidates };
  if (options.pool !== undefined || cluster === undefined) {
    const isClear = candidates.length === 1 || candidates.some(({ id }) => id === options.pool);
    return chooseOrOnly(
      options.pool,
      isClear ? choice : { ...choice, candidates: await withOwners(inventory, { candidates, signal }) },
    );
  }
  const { resourcePool: id } = await inventory.cluster.get({ cluster: cluster.id }, { signal });
  return candidates.find((each) => each.id === id) ?? { id, name: cluster.name };
}

/** The same, each with whose pool it is: every cluster and every host has one of the same name. */
async function withOwners(
  inventory: InventoryServices,
  { candidates, signal }: { readonly candidates: readonly Candidate[]; readonly signal: AbortSignal },
): Promise<readonly Candidate[]> {
  const names = new Set(candidates.map(({ name }) => name));
  if (names.size === candidates.length) return candidates;
  const [clusters, hosts] = await Promise.all([
    inventory.cluster.list({}, { signal }),
    inventory.host.list({ standalone: true }, { signal }),
  ]);
  const owned = await Promise.all([
    ...clusters.map(async ({ cluster, name }) => ({
      name,
      pools: await inventory.resourcePool.list({ clusters: [cluster] }, { signal }),
    })),
    ...hosts.map(async ({ host, name }) => ({
      name,
      pools: await inventory.resourcePool.list({ hosts: [host] }, { signal }),
    })),
  ]);
  const owners = new Map(owned.flatMap(({ name, pools }) => pools.map(({ resourcePool }) => [resourcePool, name])));
  return candidates.map((each) => ({ ...each, owner: owners.get(each.id) }));
}

/**
 * The folder that is named; else that of the datacenter, where vSphere puts machines of which nobody says it, or the only one there is. Nothing
 * when the target shows neither.
 */
async function chooseFolder(
  inventory: InventoryServices,
  { wanted, near, call }: { readonly wanted: string | undefined; readonly near: NearPool; readonly call: CallOptions },
): Promise<Candidate | undefined> {
  const folders = await inventory.folder.list({ ...near, type: 'VIRTUAL_MACHINE' }, call);
  const candidates = folders.map(({ folder: id, name }) => ({ id, name }));
  if (wanted !== undefined) return choose(wanted, { what: 'folder', flag: '--folder', candidates });
  const [only, second] = candidates;
  if (second === undefined) return only;
  const [datacenter, other] = await inventory.datacenter.list(near, call);
  if (datacenter === undefined || other !== undefined) return undefined;
  const { vmFolder } = await inventory.datacenter.get({ datacenter: datacenter.datacenter }, call);
  return candidates.find(({ id }) => id === vmFolder);
}
