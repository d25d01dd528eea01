import type { InventoryServices } from '@ovfkit/domain';
import { exitCodes } from '../errors.ts';
import type { Candidate } from '../import/candidate.ts';
import { hostsOfPool } from '../import/host-choice.ts';
import type { ImportScene } from '../import/import-scene.ts';
import type { LocatedPlacement } from '../import/placement.ts';
import type { Hop } from '../target/hops.ts';
import type { Notes } from './notes.ts';

interface Reach {
  readonly placement: LocatedPlacement;
  readonly hops: readonly Hop[];
  readonly notes: Notes;
}

/**
 * Notes hosts where the machine may be made, and that do not answer from here: a lease sends disks to them. A warning only, for a vCenter may
 * take the disks itself, or choose another host.
 */
export async function noteReach(
  { context: { signal }, connection, backend }: Pick<ImportScene, 'context' | 'connection' | 'backend'>,
  { placement, hops, notes }: Reach,
): Promise<void> {
  const silent = hops.filter(({ name, status }) => name.startsWith('host ') && status === 'warning');
  if (connection.via !== 'lease' || silent.length === 0) return;
  const hosts = await hostsOf(backend.inventory, { placement, signal });
  const names = new Set(hosts.map(({ name }) => `host ${name}`));
  const concerned = silent.filter(({ name }) => names.has(name));
  if (concerned.length === 0) return;
  notes.add({
    check: 'target',
    severity: 'warning',
    exitCode: exitCodes.ok,
    message: `Of ${hosts.length === 1 ? 'the one host' : `${hosts.length} hosts`} that a lease may send disks to, ${concerned.length} ${concerned.length === 1 ? 'does' : 'do'} not answer from here`,
    details: concerned.map(({ name, detail }) => `${name.slice('host '.length)}: ${detail}`),
    hint: 'Open the way to them, choose another place, or give --via library: then only the vCenter is needed.',
  });
}

async function hostsOf(
  inventory: InventoryServices,
  { placement, signal }: { readonly placement: LocatedPlacement; readonly signal: AbortSignal },
): Promise<readonly Candidate[]> {
  const { host, resourcePool: pool, near } = placement;
  return host === undefined ? hostsOfPool(inventory, { pool, near, call: { signal } }) : [host];
}
