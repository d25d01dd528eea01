import {
  type CallOptions,
  type Inventory,
  type NewEntity,
  type Ref,
  type SessionBackend,
  SessionError,
} from '@ovfkit/domain';
import { itemNameOf, markedDescriptor } from '../import-mark.ts';
import { deployedEntity, deploymentOf } from './deployment.ts';
import { type ItemStageParts, stageFromItem } from './stage-from-item.ts';
import { removeItems, withStagedItem } from './staged-item.ts';
import { findStagingLibrary } from './staging-library.ts';

export interface LibraryInventoryOptions {
  /** Of the same vCenter: lists, power, and what an import has made. */
  readonly inventory: Inventory;
  /** The vCenter's content library. */
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'libraryItem' | 'files'>;
  /** Has the bytes of what is made, and takes those of what is exported. */
  readonly blobs: ItemStageParts['blobs'];
  /** Name or id of the local library that packages pass through; the first with room when absent. */
  readonly library?: string | undefined;
}

/**
 * An inventory that makes and exports machines by way of the content library: a package goes into an item of a local library and is deployed
 * from there, or the other way round. Only vCenter has to be reachable. The item goes in every ending; a deployment that was given up is
 * waited for, and what it made goes too.
 */
export function createLibraryInventory(options: LibraryInventoryOptions): Inventory {
  const { inventory, vcenter, blobs, library } = options;
  return {
    ...inventory,
    features: { ...inventory.features, exportRunning: false },
    create: (request, call) => create(options, { request, call }),
    async discard(key, call) {
      await removeItems(vcenter, { name: itemNameOf(key), signal: call?.signal });
      await inventory.discard(key, call);
    },
    async stage(staging, { signal = never } = {}) {
      const libraryId = await findStagingLibrary({ ...vcenter, inventory }, { library, size: 0 }, { signal });
      return stageFromItem({ vcenter, blobs, libraryId }, staging, signal);
    },
  };
}

const never = new AbortController().signal;

async function create(
  { inventory, vcenter, blobs, library }: LibraryInventoryOptions,
  { request, call = {} }: { readonly request: NewEntity; readonly call: CallOptions | undefined },
): Promise<Ref> {
  const { signal = never } = call;
  signal.throwIfAborted();
  const before = await inventory.made(request.key);
  const name = itemNameOf(request.key);
  if (before !== undefined) {
    // whoever asked before may have been killed while vCenter deployed
    await removeItems(vcenter, { name, signal });
    return before;
  }
  const { key, descriptor, files } = request;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const services = { ...vcenter, inventory };
  const libraryId = await findStagingLibrary(services, { library, size }, { signal });
  const marked = markedDescriptor(descriptor, key);
  const staging = { services, blobs, libraryId, name, descriptor: marked, files, signal };
  return withStagedItem(staging, async (ovfLibraryItemId) => {
    signal.throwIfAborted();
    // not ended by the signal: nobody could tell what a deployment has made that goes on unwatched
    const result = await vcenter.libraryItem.deploy({ ovfLibraryItemId, clientToken: key, ...deploymentOf(request) });
    const made = deployedEntity(result);
    if (signal.aborted) await remove(inventory, made);
    signal.throwIfAborted();
    return made;
  });
}

async function remove({ vm, vapp }: Inventory, { type, id }: Ref): Promise<void> {
  try {
    if (type === 'VirtualApp') await vapp.delete({ vapp: id });
    else await vm.delete({ vm: id });
  } catch (error) {
    if (!(error instanceof SessionError) || error.kind !== 'NOT_FOUND') throw error;
  }
}
