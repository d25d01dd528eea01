import { type InventoryServices, type NearPool, nearPool, type SessionBackend } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import { suggestionsFor } from '../suggest.ts';

/** Something of the target that can be chosen. */
export interface Candidate {
  readonly id: string;
  readonly name: string;
  /** What has it, where names alone do not tell. */
  readonly owner?: string | undefined;
}

/** What is chosen, how it was said, and among what. */
export interface Choice {
  /** `resource pool`, `network`. */
  readonly what: string;
  /** The option that chooses it; where none does, what to write instead: `its id in the path`. */
  readonly flag: string;
  readonly candidates: readonly Candidate[];
}

const listed = (candidates: readonly Candidate[]): readonly string[] =>
  candidates
    .slice(0, 20)
    .map(({ id, name, owner }) => (owner === undefined ? `${name} (${id})` : `${name} of ${owner} (${id})`));

const isOption = (flag: string): boolean => flag.startsWith('--');

/** The candidate of an id or a name. @throws CliError when there is none, or several of the name */
export function choose(wanted: string, { what, flag, candidates }: Choice): Candidate {
  const byId = candidates.find(({ id }) => id === wanted);
  if (byId !== undefined) return byId;
  const [found, second] = candidates.filter(({ name }) => name === wanted);
  if (found !== undefined && second === undefined) return found;
  if (found !== undefined)
    throw new CliError('usage', `${JSON.stringify(wanted)} is the name of more than one ${what}`, {
      details: listed(candidates.filter(({ name }) => name === wanted)),
      hint: isOption(flag) ? `Give the id with ${flag}.` : `Give ${flag}.`,
    });
  const names = candidates.map(({ name }) => name);
  const close = suggestionsFor(wanted, names);
  throw new CliError('usage', `The target has no ${what} ${JSON.stringify(wanted)}`, {
    details: listed(candidates),
    hint:
      close.length > 0 ? `Did you mean ${close.join(' or ')}?` : `Choose one${isOption(flag) ? ` with ${flag}` : ''}.`,
  });
}

/** The candidate that is wanted, or the only one. @throws CliError when there is none, or several and none is wanted */
export function chooseOrOnly(wanted: string | undefined, choice: Choice): Candidate {
  if (wanted !== undefined) return choose(wanted, choice);
  const { what, flag, candidates } = choice;
  const [only, second] = candidates;
  if (only === undefined)
    throw new CliError('targetRefused', `The target shows no ${what} to this user`, {
      hint: 'Check the privileges of the user.',
    });
  if (second === undefined) return only;
  throw new CliError('usage', `The target has more than one ${what}; say which`, {
    details: listed(candidates),
    hint: `Choose one with ${flag}.`,
  });
}

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
  /** Absent: the target's default. */
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
  const within = cluster === undefined ? {} : { clusters: [cluster.id] };
  const resourcePool = await notes.attemptCall('place', () => choosePool(inventory, { options, cluster, signal }));
  const near = resourcePool === undefined ? {} : await nearPool(inventory, resourcePool.id, call);
  const folder = await notes.attemptCall('place', async () => {
    const folders = await inventory.folder.list({ ...near, type: 'VIRTUAL_MACHINE' }, call);
    const candidates = folders.map(({ folder: id, name }) => ({ id, name }));
    const { folder: wanted } = options;
    return wanted === undefined ? onlyOf(candidates) : choose(wanted, { what: 'folder', flag: '--folder', candidates });
  });
  const host = await notes.attemptCall('place', async () => {
    if (options.host === undefined) return undefined;
    const candidates = (await inventory.host.list(within, call)).map(({ host: id, name }) => ({ id, name }));
    return choose(options.host, { what: 'host', flag: '--host', candidates });
  });
  if (resourcePool === undefined) return undefined;
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

/** The pool that is named, the cluster's own, or the only one there is. */
async function choosePool(
  inventory: InventoryServices,
  { options, cluster, signal }: Omit<Choosing, 'notes'> & { readonly cluster: Candidate | undefined },
): Promise<Candidate> {
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

/** With several folders the target's own rule decides, as it does in its web client. */
function onlyOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.length === 1 ? candidates[0] : undefined;
}
