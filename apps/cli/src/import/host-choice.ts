import type { CallOptions, InventoryServices, NearPool } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { type Candidate, choose, listed } from './candidate.ts';

type Places = Pick<InventoryServices, 'host' | 'resourcePool'>;

interface Wanted {
  readonly host: string | undefined;
  readonly cluster: Candidate | undefined;
  readonly call: CallOptions;
}

/** The host of a name or an id, within the cluster when there is one. @throws CliError when there is none, or it does not answer */
export async function chooseHost(
  { host }: Places,
  { host: wanted, cluster, call }: Wanted,
): Promise<Candidate | undefined> {
  if (wanted === undefined) return undefined;
  const hosts = await host.list(cluster === undefined ? {} : { clusters: [cluster.id] }, call);
  const candidates = hosts.map(({ host: id, name }) => ({ id, name }));
  const chosen = choose(wanted, { what: 'host', flag: '--host', candidates });
  const state = hosts.find((each) => each.host === chosen.id)?.connectionState;
  if (state === undefined || state === 'CONNECTED') return chosen;
  const connected = hosts.filter(({ connectionState }) => connectionState === 'CONNECTED');
  throw new CliError(
    'targetRefused',
    `The host ${chosen.name} is ${state === 'DISCONNECTED' ? 'disconnected' : 'not responding'}`,
    {
      details: listed(connected.map(({ host: id, name }) => ({ id, name }))),
      hint: 'Choose another with --host, or leave it out.',
    },
  );
}

/** The pool of a host itself, and not one in it; nothing where the target does not tell which pools are the host's. */
export async function poolOfHost(
  { resourcePool }: Places,
  { host, call }: { readonly host: Candidate; readonly call: CallOptions },
): Promise<Candidate | undefined> {
  const pools = await resourcePool.list({ hosts: [host.id] }, call);
  const inner = await Promise.all(
    pools.length < 2 ? [] : pools.map((each) => resourcePool.get({ resourcePool: each.resourcePool }, call)),
  );
  const children = new Set(inner.flatMap(({ resourcePools }) => resourcePools));
  const own = pools.find((each) => !children.has(each.resourcePool));
  return own === undefined ? undefined : { id: own.resourcePool, name: own.name };
}

/** @throws CliError for a host that has nothing to do with the pool */
export async function checkHostOfPool(
  places: Places,
  { host, pool, call }: { readonly host: Candidate; readonly pool: Candidate; readonly call: CallOptions },
): Promise<void> {
  const pools = await places.resourcePool.list({ hosts: [host.id] }, call);
  // none at all: the target does not tell whose they are
  if (pools.length === 0 || pools.some(({ resourcePool }) => resourcePool === pool.id)) return;
  const fitting = await hostsOfPool(places, { pool, near: {}, call });
  throw new CliError('usage', `The host ${host.name} is none of the pool ${pool.name}`, {
    details: listed(fitting),
    hint: 'Choose one with --host, or the pool of the host with --pool.',
  });
}

/** The hosts that may run what is made in a pool; none where the target does not tell whose pools are whose. */
export async function hostsOfPool(
  { host, resourcePool }: Places,
  { pool, near, call }: { readonly pool: Candidate; readonly near: NearPool; readonly call: CallOptions },
): Promise<readonly Candidate[]> {
  const isOf = async (id: string): Promise<boolean> =>
    (await resourcePool.list({ resourcePools: [pool.id], hosts: [id] }, call)).length > 0;
  const hosts = await host.list(near, call);
  const fitting = await Promise.all(hosts.map(async (each) => ((await isOf(each.host)) ? [each] : [])));
  return fitting.flat().map(({ host: id, name }) => ({ id, name }));
}
