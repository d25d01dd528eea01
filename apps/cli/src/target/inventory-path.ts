import type { CallOptions, InventoryServices, VmFilter } from '@ovfkit/domain';
import { CliError } from '../errors.ts';
import { type Candidate, choose } from '../import/candidate.ts';

/** What a path of the inventory leads to. */
export interface Place {
  readonly datacenter: Candidate;
  readonly cluster?: Candidate;
  readonly pool?: Candidate;
  readonly host?: Candidate;
  readonly folder?: Candidate;
}

interface Walk {
  readonly inventory: InventoryServices;
  readonly options: CallOptions;
  readonly datacenter: Candidate;
}

/** What vSphere escapes in the names of a path. */
const escapes: ReadonlyMap<string, string> = new Map([
  ['%25', '%'],
  ['%2f', '/'],
  ['%5c', '\\'],
]);

const shown = (segment: string): string =>
  segment.replaceAll(/%(?:25|2f|5c)/gi, (code) => escapes.get(code.toLowerCase()) ?? code);

/** `/DC/host/cluster/Resources/R%2fD` by its segments, as their names are shown: the last is `R/D`. */
export const segmentsOf = (path: string): readonly string[] =>
  path
    .split('/')
    .filter((segment) => segment !== '')
    .map(shown);

/**
 * Where a path leads: `/DC`, `/DC/vm/folder/…`, `/DC/host/cluster`, `/DC/host/host`, `/DC/host/cluster/Resources/pool/…`. Folders that hold
 * datacenters, clusters and hosts may be named and are not looked at.
 * @throws CliError naming the segment that leads nowhere, with what there is
 */
export async function findPlace(
  inventory: InventoryServices,
  path: readonly string[],
  options: CallOptions,
): Promise<Place> {
  const datacenters = await inventory.datacenter.list({}, options);
  const candidates = datacenters.map(({ datacenter: id, name }) => ({ id, name }));
  const at = path.findIndex((segment) => candidates.some(({ id, name }) => segment === name || segment === id));
  const [datacenterName = '', kind, ...rest] = path.slice(Math.max(at, 0));
  const datacenter = choose(datacenterName, { what: 'datacenter', flag: 'its id in the path', candidates });
  const walk = { inventory, options, datacenter };
  switch (kind) {
    case undefined:
      return { datacenter };
    case 'vm':
      return { datacenter, folder: await findFolder(walk, rest) };
    case 'host':
      return { datacenter, ...(await findPool(walk, rest)) };
    default:
      throw new CliError('usage', `The path /${datacenterName}/${kind} leads to no place for machines`, {
        hint: 'Write /DATACENTER/host/CLUSTER/Resources/POOL, or /DATACENTER/vm/FOLDER.',
      });
  }
}

async function findFolder({ inventory, options, datacenter }: Walk, names: readonly string[]): Promise<Candidate> {
  const { vmFolder } = await inventory.datacenter.get({ datacenter: datacenter.id }, options);
  let current: Candidate = { id: vmFolder, name: 'vm' };
  for (const name of names) {
    const inside = await inventory.folder.list({ parentFolders: [current.id], type: 'VIRTUAL_MACHINE' }, options);
    const candidates = inside.map(({ folder: id, name: own }) => ({ id, name: own }));
    current = choose(name, { what: 'folder', flag: '--folder', candidates });
  }
  return current;
}

const rootPool = 'Resources';

async function findPool(walk: Walk, names: readonly string[]): Promise<Omit<Place, 'datacenter'>> {
  const at = names.indexOf(rootPool);
  const computes = at < 0 ? names : names.slice(0, at);
  const { pool, ...computing } = await findCompute(walk, computes);
  let current = pool;
  for (const name of at < 0 ? [] : names.slice(at + 1)) {
    const inside = await walk.inventory.resourcePool.list({ parentResourcePools: [current.id] }, walk.options);
    const candidates = inside.map(({ resourcePool: id, name: own }) => ({ id, name: own }));
    current = choose(name, { what: 'resource pool', flag: '--pool', candidates });
  }
  return { ...computing, pool: current };
}

/** A cluster, a host in a cluster, or a host that stands alone, with the pool of all that it has. */
async function findCompute(
  { inventory, options, datacenter }: Walk,
  names: readonly string[],
): Promise<Omit<Place, 'datacenter'> & { readonly pool: Candidate }> {
  const datacenters = [datacenter.id];
  const [clusters, hosts] = await Promise.all([
    inventory.cluster.list({ datacenters }, options),
    inventory.host.list({ datacenters }, options),
  ]);
  const cluster = clusters.find((each) => names.includes(each.name));
  const host = hosts.find(({ name }) => name === names.at(-1));
  if (cluster !== undefined) {
    const { resourcePool } = await inventory.cluster.get({ cluster: cluster.cluster }, options);
    const pool = { id: resourcePool, name: rootPool };
    const found = { cluster: { id: cluster.cluster, name: cluster.name }, pool };
    return host === undefined ? found : { ...found, host: { id: host.host, name: host.name } };
  }
  const candidates = [
    ...clusters.map(({ cluster: id, name }) => ({ id, name })),
    ...hosts.map(({ host: id, name }) => ({ id, name })),
  ];
  const { id, name } = choose(names.at(-1) ?? '', { what: 'cluster or host', flag: 'its id in the path', candidates });
  const [pool] = await inventory.resourcePool.list({ hosts: [id], names: [rootPool] }, options);
  if (pool === undefined)
    throw new CliError('targetRefused', `The target shows no resource pool of ${name} to this user`, {
      hint: 'Check the privileges of the user.',
    });
  return { pool: { id: pool.resourcePool, name: pool.name }, host: { id, name } };
}

/** The machine at the end of a path `/DC/vm/folder/NAME`; on a host alone its name is enough. @throws CliError as `findPlace` */
export async function findMachine(
  inventory: InventoryServices,
  path: readonly string[],
  options: CallOptions,
): Promise<Candidate> {
  const name = path.at(-1) ?? '';
  const place = path.length === 1 ? undefined : await findPlace(inventory, path.slice(0, -1), options);
  const filter = place?.folder === undefined ? {} : { folders: [place.folder.id] };
  return chooseMachine(inventory, { word: name, filter }, options);
}

/** A machine by its name or id; all there are, which may be thousands, are listed only when none has the name. @throws CliError */
export async function chooseMachine(
  inventory: InventoryServices,
  { word, filter }: { readonly word: string; readonly filter: VmFilter },
  options: CallOptions,
): Promise<Candidate> {
  const named = await inventory.vm.list({ ...filter, names: [word] }, options);
  const machines = named.length > 0 ? named : await inventory.vm.list(filter, options);
  const candidates = machines.map(({ vm: id, name }) => ({ id, name }));
  return choose(word, { what: 'virtual machine', flag: 'its id in place of the name', candidates });
}
