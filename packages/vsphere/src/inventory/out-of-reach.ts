import { type CallOptions, type OutOfReach, type RunningPlace, SessionError } from '@ovfkit/domain';
import { grantedPrivileges } from '../vim/privileges.ts';
import { type Retrieved, retrieveAll } from '../vim/property-collector.ts';
import type { VimClient } from '../vim/vim-client.ts';
import { flag, list, optional, reference, text } from '../vim/vim-shape.ts';
import type { ManagedObject } from '../vim/vim-value.ts';
import { ownersOf } from './owners.ts';

const reached = { datastore: list(reference), network: list(reference) };
const resourceProperties = { ...reached, host: list(reference) };
const hostProperties = {
  ...reached,
  'runtime.connectionState': optional(text),
  'runtime.inMaintenanceMode': optional(flag),
};
const datastoreProperties = { 'summary.accessible': optional(flag), 'summary.maintenanceMode': optional(text) };

type Host = Retrieved<typeof hostProperties>;

const idsOf = (references: readonly ManagedObject[]): ReadonlySet<string> =>
  new Set(references.map(({ value }) => value));

const runsMachines = ({ properties }: Host): boolean =>
  (properties['runtime.connectionState'] ?? 'connected') === 'connected' &&
  properties['runtime.inMaintenanceMode'] !== true;

/**
 * What machines cannot have in a pool, or on one of its hosts, of what there is. What the user may not see of it counts as within reach: the
 * server decides.
 * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE when no host there runs machines
 */
export async function outOfReach(vim: VimClient, place: RunningPlace, options?: CallOptions): Promise<OutOfReach> {
  const signal = options?.signal;
  const [isConnected, datastores, networks] = await Promise.all([
    connectionsOf(vim, { ...place, signal }),
    retrieveAll(vim, { type: 'Datastore', properties: datastoreProperties, signal }),
    retrieveAll(vim, { type: 'Network', properties: {}, signal }),
  ]);
  const granted = await grantedOn(vim, { entities: [...datastores, ...networks].map(({ ref }) => ref), signal });
  const barriersOf = ({ ref, properties }: (typeof datastores)[number]) => {
    const { 'summary.accessible': isAccessible = true, 'summary.maintenanceMode': mode = 'normal' } = properties;
    return [
      ...(isAccessible && isConnected('datastore', ref) ? [] : (['NOT_CONNECTED'] as const)),
      ...(mode === 'normal' ? [] : (['MAINTENANCE_MODE'] as const)),
      ...(granted(ref, allocateSpace) ? [] : (['NO_ALLOCATE_RIGHT'] as const)),
    ];
  };
  const closed = datastores.map((each) => [each.ref.value, barriersOf(each)] as const);
  const far = networks.filter(({ ref }) => !isConnected('network', ref));
  const forbidden = networks.filter(({ ref }) => !granted(ref, assign));
  return {
    datastores: new Map(closed.filter(([, reasons]) => reasons.length > 0)),
    networks: new Map([
      ...forbidden.map(({ ref }) => [ref.value, 'NO_ASSIGN_RIGHT'] as const),
      ...far.map(({ ref }) => [ref.value, 'NOT_CONNECTED'] as const),
    ]),
  };
}

/** Whether the hosts of a pool, or the one that is named, have something. @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE */
async function connectionsOf(
  vim: VimClient,
  { resourcePool, host, signal }: RunningPlace & { readonly signal: AbortSignal | undefined },
): Promise<(kind: keyof typeof reached, ref: ManagedObject) => boolean> {
  const [isOwner, resources, hosts] = await Promise.all([
    ownersOf(vim, { resourcePools: [resourcePool], signal }),
    retrieveAll(vim, { type: 'ComputeResource', properties: resourceProperties, signal }),
    retrieveAll(vim, { type: 'HostSystem', properties: hostProperties, signal }),
  ]);
  const owner = resources.find(({ ref }) => isOwner(ref.value))?.properties;
  const members = idsOf(owner?.host ?? []);
  const own = hosts.filter(({ ref: { value } }) => (host === undefined ? members.has(value) : value === host));
  if (own.length > 0 && !own.some(runsMachines))
    throw new SessionError(
      'NOT_ALLOWED_IN_CURRENT_STATE',
      `No host runs machines there: ${own.length === 1 ? 'the host is' : 'all are'} in maintenance mode or not connected.`,
    );
  const all = host === undefined ? owner : own[0]?.properties;
  return (kind, ref) => isConnected(ref, { kind, hosts: own, listed: idsOf(all?.[kind] ?? []) });
}

interface Connections {
  readonly kind: keyof typeof reached;
  readonly hosts: readonly Host[];
  /** By the cluster, or the one host. */
  readonly listed: ReadonlySet<string>;
}

/**
 * Whether something is connected to one of the hosts that run machines. A list that is empty was not shown, and what only the cluster lists is
 * connected to a host that the user does not see.
 */
function isConnected({ value }: ManagedObject, { kind, hosts, listed }: Connections): boolean {
  if (listed.size === 0) return true;
  const having = hosts.filter(({ properties }) => idsOf(properties[kind]).has(value));
  return listed.has(value) && (having.length === 0 || having.some(runsMachines));
}

const allocateSpace = 'Datastore.AllocateSpace';
const assign = 'Network.Assign';

/** Servers that do not tell grant everything: they refuse by themselves. */
async function grantedOn(
  vim: VimClient,
  { entities, signal }: { readonly entities: readonly ManagedObject[]; readonly signal: AbortSignal | undefined },
): Promise<(ref: ManagedObject, privilege: string) => boolean> {
  try {
    const told = await grantedPrivileges(vim, { entities, privileges: [allocateSpace, assign], signal });
    const privileges = new Map(told.map((each) => [each.entity.value, each.privileges]));
    return ({ value }, privilege) => privileges.get(value)?.has(privilege) ?? true;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof SessionError)) throw error;
    return () => true;
  }
}
