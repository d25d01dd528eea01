import { type InventoryServices, SessionError } from '@ovfkit/domain';
import { detectSessionApi, type RestBackend } from '@ovfkit/rest';
import { connectVim, createInventoryServices, type VimClient } from '@ovfkit/vsphere';
import { CliError } from '../errors.ts';
import { formatCount } from '../output/format.ts';
import { accessOf, connect } from './connect.ts';
import type { Walk } from './hop.ts';
import { walkHosts } from './host-hops.ts';
import { chooseRung } from './ladder.ts';
import { walkPrivileges } from './privilege-hops.ts';
import type { Target } from './resolve-target.ts';

/** What a target speaks. */
interface Reached {
  readonly rest: RestBackend | undefined;
  readonly vim: VimClient | undefined;
}

const isMissing = (error: unknown): boolean => error instanceof SessionError && error.kind === 'OPERATION_NOT_FOUND';

/** Logs in to everything that a target speaks, and looks at what the ways into it need. */
export async function walkApis(
  walk: Walk,
  { target, signal }: { readonly target: Target; readonly signal: AbortSignal },
) {
  const rest = await walk.step('login', () => logIn(target, signal));
  const vim = await (rest === undefined ? walk.step : walk.side)('vim25', () => connectToVim(target, { rest, signal }));
  try {
    await walkReached(walk, { reached: { rest, vim }, signal });
  } finally {
    await rest?.close().catch(() => undefined);
    await vim?.close().catch(() => undefined);
  }
}

async function logIn(target: Target, signal: AbortSignal) {
  try {
    return { detail: `as ${target.user ?? ''}`, value: await connect(target, { signal }) };
  } catch (error) {
    if (!isMissing(error)) throw error;
    return {
      detail: 'the target has no REST API, as an ESXi host has none',
      value: undefined,
      status: 'absent' as const,
    };
  }
}

/** @throws CliError for a server that speaks nothing we know */
async function connectToVim(
  target: Target,
  { rest, signal }: Pick<Reached, 'rest'> & { readonly signal: AbortSignal },
) {
  try {
    const value = await connectVim(accessOf(target), signal);
    return { detail: `${value.about.fullName}, over ${value.transport === 'soap' ? 'SOAP' : 'VI JSON'}`, value };
  } catch (error) {
    if (!isMissing(error)) throw error;
    if (rest === undefined)
      throw new CliError(
        'targetRefused',
        'this is no vCenter, ESXi host or ovfkitd: it has neither their REST API nor vim25',
        {
          hint: 'Check host and port: something else listens there.',
        },
      );
    return { detail: 'the target does not speak vim25', value: undefined, status: 'absent' as const };
  }
}

interface Looking {
  readonly reached: Reached;
  readonly signal: AbortSignal;
}

async function walkReached(walk: Walk, { reached, signal }: Looking): Promise<void> {
  const { rest, vim } = reached;
  await walk.side('session API', () => trySessions(rest, signal));
  await walk.side('content library', () => tryLibrary(rest, signal));
  const inventory = vim === undefined ? rest?.inventory : createInventoryServices(vim);
  await walk.step('inventory', () => tryInventory(inventory, signal));
  if (vim !== undefined) await walk.side('privileges', () => walkPrivileges(vim, signal));
  // a host by itself has answered already, whatever it calls itself
  const hasHosts = vim !== undefined && vim.about.apiType === 'VirtualCenter';
  const hosts = hasHosts ? await walkHosts(walk, { inventory: createInventoryServices(vim), signal }) : [];
  await walk.step('way in', async () => {
    const { via, why } = await chooseRung(rest, { signal });
    if (via !== 'session' && vim === undefined)
      throw new SessionError('UNSUPPORTED', 'There is no way in: no OVF session API, and no vim25');
    const isFar = via === 'lease' && hosts.length > 0 && !hosts.includes('reached');
    return {
      detail: `${via}, for ${why}${isFar ? '; no host answers here, so that its vCenter has to pass files on' : ''}`,
      value: via,
    };
  });
}

async function trySessions(rest: RestBackend | undefined, signal: AbortSignal) {
  const answer = rest === undefined ? 'missing' : await detectSessionApi(rest, { signal });
  switch (answer) {
    case 'present':
      return { detail: 'the OVF session API answers', value: answer };
    case 'missing':
      return { detail: 'there is none here (not every vCenter offers it)', value: answer, status: 'absent' as const };
    case 'forbidden':
      throw new SessionError('UNAUTHORIZED', 'the user may not use the OVF session API');
    case 'unknown':
      throw new CliError('network', 'the target gave no clear answer; try again later', {
        hint: 'Try again later, or choose another way: --via library or --via lease.',
      });
  }
}

async function tryLibrary(rest: RestBackend | undefined, signal: AbortSignal) {
  if (rest === undefined || !rest.features.contentLibrary)
    return { detail: 'there is none here', value: undefined, status: 'absent' as const };
  const ids = await rest.contentLibrary.localLibrary.list({}, { signal });
  return { detail: `${ids.length} local ${ids.length === 1 ? 'library' : 'libraries'}`, value: ids.length };
}

async function tryInventory(inventory: InventoryServices | undefined, signal: AbortSignal) {
  if (inventory === undefined) throw new SessionError('SERVICE_UNAVAILABLE', 'not connected');
  const [pools, datastores, networks] = await Promise.all([
    inventory.resourcePool.list({}, { signal }),
    inventory.datastore.list({}, { signal }),
    inventory.network.list({}, { signal }),
  ]);
  const counts = [
    formatCount(pools.length, 'resource pool'),
    formatCount(datastores.length, 'datastore'),
    formatCount(networks.length, 'network'),
  ];
  return { detail: counts.join(', '), value: undefined };
}
