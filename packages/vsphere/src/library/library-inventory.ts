import type { Inventory, NewEntity, Ref, SessionBackend } from '@ovfkit/domain';
import type { ImportNotice } from '../import/import-entity.ts';
import { ownFiles } from '../import/uploads.ts';
import { itemNameOf, markedDescriptor } from '../import-mark.ts';
import type { Origin, UrlOrigin } from '../origin.ts';
import { unlessAbsent } from '../unless-absent.ts';
import { deployedEntity, deploymentOf } from './deployment.ts';
import type { Fetching } from './fetch-file.ts';
import { putPackage } from './put-package.ts';
import { type ItemStageParts, stageFromItem } from './stage-from-item.ts';
import { removeItems, withStagedItem } from './staged-item.ts';
import { createStagingJudge, findStagingLibrary } from './staging-library.ts';

export interface LibraryInventoryOptions {
  /** Of the same vCenter: lists, power, what it says of a package, and what an import has made. */
  readonly inventory: Inventory;
  /** The vCenter's content library. */
  readonly vcenter: Pick<SessionBackend, 'contentLibrary' | 'libraryItem' | 'files'>;
  /** Has the bytes of what is made, and takes those of what is exported. */
  readonly blobs: ItemStageParts['blobs'];
  /** Name or id of the local library that packages pass through; the first with room when absent. */
  readonly library?: string | undefined;
  /** Where the library gets a package itself, or that it has it; asked when it is made. */
  readonly origin?: (() => Origin | undefined) | undefined;
  /** Marks what was made of a descriptor that is not ours to mark, so that `inventory` finds it by the key of its import. */
  readonly mark?: ((made: Ref, key: string) => Promise<void>) | undefined;
  /** Told how much of a file the library has fetched itself. */
  readonly onFetched?: Fetching['onFetched'] | undefined;
  /** Told what a user may want to know, and what ends nothing; nothing when absent. */
  readonly onNotice?: ((notice: ImportNotice) => void) | undefined;
}

/**
 * An inventory that makes and exports machines by way of the content library: a package goes into an item of a local library and is deployed
 * from there, or the other way round; an item that is there already is deployed as it is. Only vCenter has to be reachable. A temporary
 * item goes in every ending; a deployment that was given up is waited for, and what it made goes too.
 */
export function createLibraryInventory(options: LibraryInventoryOptions): Inventory {
  const { inventory, vcenter, blobs, library } = options;
  const stagingRefusals = createStagingJudge({ ...vcenter, inventory }, { library });
  // what this process has made, whether or not the vCenter has kept its marks
  const deployed = new Map<string, Ref>();
  return {
    ...inventory,
    features: { ...inventory.features, exportRunning: false },
    async judge(request, { signal = never } = {}) {
      const { errors, warnings } = await inventory.judge(request, { signal });
      if (options.origin?.()?.kind === 'item') return { errors, warnings };
      const size = ownFiles(request).reduce((sum, file) => sum + file.size, 0);
      return { errors: [...errors, ...(await stagingRefusals(size, signal))], warnings };
    },
    create: (request, { signal = never } = {}) => create({ ...options, deployed }, request, signal),
    made: async (key, entity) => deployed.get(key) ?? inventory.made(key, entity),
    async discard(key, call) {
      await removeItems(vcenter, { name: itemNameOf(key), signal: call?.signal });
      const made = deployed.get(key);
      if (made !== undefined) await remove(inventory, made);
      deployed.delete(key);
      await inventory.discard(key, call);
    },
    async stage(staging, { signal = never } = {}) {
      const libraryId = await findStagingLibrary({ ...vcenter, inventory }, { library, size: 0 }, { signal });
      return stageFromItem({ vcenter, blobs, libraryId }, staging, signal);
    },
  };
}

const never = new AbortController().signal;

interface Creating extends LibraryInventoryOptions {
  readonly deployed: Map<string, Ref>;
}

async function create(creating: Creating, request: NewEntity, signal: AbortSignal): Promise<Ref> {
  const { inventory, vcenter, deployed, mark = async () => {}, origin = () => undefined } = creating;
  signal.throwIfAborted();
  const { key } = request;
  const before = deployed.get(key) ?? (await inventory.made(key, request.entity));
  if (before !== undefined) {
    // whoever asked before may have been killed while vCenter deployed
    await removeItems(vcenter, { name: itemNameOf(key), signal });
    return before;
  }
  const from = origin();
  if (from?.kind !== 'item') return createFromStaged(creating, { request, origin: from, signal });
  const made = await deploy(creating, { request, libraryItemId: from.libraryItemId, signal });
  await mark(made, key);
  return made;
}

interface Deploying {
  readonly request: NewEntity;
  readonly signal: AbortSignal;
}

async function createFromStaged(
  creating: Creating,
  { request, origin, signal }: Deploying & { readonly origin: UrlOrigin | undefined },
): Promise<Ref> {
  const { inventory, vcenter, blobs, library, mark = async () => {} } = creating;
  const { onFetched = () => {}, onNotice = () => {} } = creating;
  const { key, descriptor, files } = request;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const services = { ...vcenter, inventory };
  const libraryId = await findStagingLibrary(services, { library, size }, { signal });
  const name = itemNameOf(key);
  const onSent = (reason: string): void =>
    onNotice({ key, kind: 'information', text: `The package is sent from here: ${reason}` });
  const putting = { services, blobs, name, descriptor: markedDescriptor(descriptor, key), files, origin, signal };
  const put = (updateSessionId: string) => putPackage({ ...putting, updateSessionId, onFetched, onSent });
  return withStagedItem({ services, libraryId, name, signal, put }, async (libraryItemId, content) => {
    const made = await deploy(creating, { request, libraryItemId, signal });
    if (content === 'archive') await mark(made, key);
    return made;
  });
}

async function deploy(
  { inventory, vcenter, deployed }: Creating,
  { request, libraryItemId: ovfLibraryItemId, signal }: Deploying & { readonly libraryItemId: string },
): Promise<Ref> {
  signal.throwIfAborted();
  const clientToken = request.key;
  // not ended by the signal: nobody could tell what a deployment has made that goes on unwatched
  const result = await vcenter.libraryItem.deploy({ ovfLibraryItemId, clientToken, ...deploymentOf(request) });
  const made = deployedEntity(result);
  if (signal.aborted) await remove(inventory, made);
  signal.throwIfAborted();
  deployed.set(clientToken, made);
  return made;
}

async function remove({ vm, vapp }: Inventory, { type, id }: Ref): Promise<void> {
  const removing = type === 'VirtualApp' ? vapp.delete({ vapp: id }) : vm.delete({ vm: id });
  await removing.catch(unlessAbsent);
}
