import { type CallOptions, type Inventory, type NewEntity, type Ref, SessionError } from '@ovfkit/domain';
import type { ImportNotice } from '../import/import-entity.ts';
import { networkRef } from '../network-ref.ts';
import type { Origin, UrlOrigin } from '../origin.ts';
import { deployByOvfs, type OvfsAccess } from './ovfs-client.ts';
import { ovfsSpecOf } from './ovfs-spec.ts';

export interface OvfsInventoryOptions {
  /** Makes what is not deployed from a URL, and finds what was made. */
  readonly inventory: Inventory;
  /** The vCenter of that inventory. */
  readonly access: OvfsAccess;
  /** Where a package is; asked when it is made. */
  readonly origin: () => Origin | undefined;
  /** Marks what was made, so that `inventory` finds it by the key of its import. */
  readonly mark: (made: Ref, key: string) => Promise<void>;
  readonly onNotice: (notice: ImportNotice) => void;
}

/**
 * An inventory whose vCenter, of 9.0 or newer, fetches and deploys packages at URLs by itself. What it does not reach, or cannot be told in that
 * one call, is made as ever.
 */
export function createOvfsInventory(options: OvfsInventoryOptions): Inventory {
  const { inventory, origin } = options;
  return {
    ...inventory,
    async create(request, call = {}) {
      const from = origin();
      const made = from?.kind === 'url' ? await deploy(options, { request, origin: from, call }) : undefined;
      return made ?? inventory.create(request, call);
    },
  };
}

interface Deploying {
  readonly request: NewEntity;
  readonly origin: UrlOrigin;
  readonly call: CallOptions;
}

const never = new AbortController().signal;

/** Nothing when it is to be made otherwise. */
async function deploy(
  { inventory, access, mark, onNotice }: OvfsInventoryOptions,
  { request, origin, call: { signal = never } }: Deploying,
): Promise<Ref | undefined> {
  const { key, entity } = request;
  const before = await inventory.made(key, entity);
  if (before !== undefined) return undefined; // whoever made it knows whether it is whole
  const networks = await inventory.network.list({ networks: entity.networks.map(({ target }) => target) }, { signal });
  const networkTypes = new Map(networks.map(({ network, type }) => [network, networkRef(network, type).type]));
  const spec = ovfsSpecOf({ request, origin, networkTypes });
  if (spec === undefined) return undefined;
  try {
    const { type, id } = await deployByOvfs(access, { spec, signal });
    const made = { type: type === 'VirtualApp' ? ('VirtualApp' as const) : ('VirtualMachine' as const), id };
    if (signal.aborted) await remove(inventory, made);
    signal.throwIfAborted();
    await mark(made, key);
    return made;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof SessionError)) throw error;
    if (error.kind !== 'OPERATION_NOT_FOUND')
      onNotice({ key, kind: 'information', text: `It is made another way: ${error.message}` });
    return undefined;
  }
}

const remove = ({ vm, vapp }: Inventory, { type, id }: Ref): Promise<void> =>
  type === 'VirtualApp' ? vapp.delete({ vapp: id }) : vm.delete({ vm: id });
