import type { z } from 'zod';
import type {
  ClusterFilter,
  ClusterInfo,
  ClusterSummary,
  DatacenterFilter,
  DatacenterInfo,
  DatacenterSummary,
  DatastoreFilter,
  DatastoreInfo,
  DatastoreSummary,
  FolderFilter,
  FolderSummary,
  HardwareVersionFilter,
  HardwareVersionSummary,
  HostFilter,
  HostSummary,
  NetworkFilter,
  NetworkSummary,
  ResourcePoolFilter,
  ResourcePoolInfo,
  ResourcePoolSummary,
  StoragePolicyFilter,
  StoragePolicySummary,
  VappFilter,
  VappSummary,
  VmFilter,
  VmInfo,
  VmSummary,
} from '../inventory.ts';
import type { Judgement } from '../judgement.ts';
import type { DatastoreInaccessibleReason } from '../ovf-params.ts';
import type { OvfParams } from '../ovf-params-list.ts';
import type { Ref } from '../structure.ts';
import type { Entity, StoredFile } from '../virtual-machine.ts';
import type { GuestIdentity } from '../vm-guest.ts';
import type { PowerAction, PowerInfo } from '../vm-power.ts';
import type { CallOptions } from './session-backend.ts';

interface ListService<Filter extends z.ZodType, Summary> {
  /** Every object that passes the filter, in a stable order; an empty filter gives all. */
  list(input: z.infer<Filter>, options?: CallOptions): Promise<readonly Summary[]>;
}

interface ByVm {
  readonly vm: string;
}

/** The power of virtual machines. */
export type PowerService = {
  /** @throws SessionError NOT_FOUND */
  readonly get: (input: ByVm, options?: CallOptions) => Promise<PowerInfo>;
} & {
  /** @throws SessionError NOT_FOUND, ALREADY_IN_DESIRED_STATE, NOT_ALLOWED_IN_CURRENT_STATE */
  readonly [Action in PowerAction]: (input: ByVm, options?: CallOptions) => Promise<void>;
};

/** The inventory calls a client needs to resolve names: vCenter's own, and vApps. */
export interface InventoryServices {
  readonly vm: ListService<typeof VmFilter, VmSummary> & {
    /** @throws SessionError NOT_FOUND */
    get(input: ByVm, options?: CallOptions): Promise<VmInfo>;
    /** @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE while it runs */
    delete(input: ByVm, options?: CallOptions): Promise<void>;
    /**
     * Machines can be made of it from then on, and it cannot be started. ovfkit's own call: vCenter has it over vim25 only.
     * @throws SessionError NOT_FOUND, ALREADY_IN_DESIRED_STATE; NOT_ALLOWED_IN_CURRENT_STATE unless it is off; UNSUPPORTED
     *   where `features.templates` is false
     */
    markAsTemplate(input: ByVm, options?: CallOptions): Promise<void>;
  };
  readonly guestIdentity: {
    /** What the guest tells. @throws SessionError NOT_FOUND; SERVICE_UNAVAILABLE while no VMware Tools run in it */
    get(input: ByVm, options?: CallOptions): Promise<GuestIdentity>;
  };
  readonly power: PowerService;
  readonly vapp: ListService<typeof VappFilter, VappSummary> & {
    /**
     * Switches on its machines as one, in the order that it has for them. ovfkit's own call: vCenter has it over vim25 only.
     * @throws SessionError NOT_FOUND; ALREADY_IN_DESIRED_STATE when all of them run; NOT_ALLOWED_IN_CURRENT_STATE
     */
    start(input: { readonly vapp: string }, options?: CallOptions): Promise<void>;
    /** With its virtual machines. @throws SessionError NOT_FOUND, NOT_ALLOWED_IN_CURRENT_STATE while one of them runs */
    delete(input: { readonly vapp: string }, options?: CallOptions): Promise<void>;
  };
  readonly resourcePool: ListService<typeof ResourcePoolFilter, z.infer<typeof ResourcePoolSummary>> & {
    /** @throws SessionError NOT_FOUND */
    get(input: { readonly resourcePool: string }, options?: CallOptions): Promise<ResourcePoolInfo>;
  };
  readonly folder: ListService<typeof FolderFilter, z.infer<typeof FolderSummary>>;
  readonly host: ListService<typeof HostFilter, z.infer<typeof HostSummary>>;
  readonly datastore: ListService<typeof DatastoreFilter, z.infer<typeof DatastoreSummary>> & {
    /** @throws SessionError NOT_FOUND */
    get(input: { readonly datastore: string }, options?: CallOptions): Promise<DatastoreInfo>;
  };
  readonly network: ListService<typeof NetworkFilter, z.infer<typeof NetworkSummary>>;
  readonly cluster: ListService<typeof ClusterFilter, z.infer<typeof ClusterSummary>> & {
    /** @throws SessionError NOT_FOUND */
    get(input: { readonly cluster: string }, options?: CallOptions): Promise<ClusterInfo>;
  };
  readonly datacenter: ListService<typeof DatacenterFilter, z.infer<typeof DatacenterSummary>> & {
    /** @throws SessionError NOT_FOUND */
    get(input: { readonly datacenter: string }, options?: CallOptions): Promise<DatacenterInfo>;
  };
  /**
   * The families of virtual hardware that the hosts of a pool make machines with, oldest first; an empty list where whatever a package
   * asks for is taken. @throws SessionError UNSUPPORTED where `features.hardwareVersions` is false
   */
  readonly hardwareVersion: ListService<typeof HardwareVersionFilter, z.infer<typeof HardwareVersionSummary>>;
  readonly storagePolicy: ListService<typeof StoragePolicyFilter, z.infer<typeof StoragePolicySummary>>;
}

/** Where machines would run. */
export interface RunningPlace {
  readonly resourcePool: string;
  /** Any host of the pool when absent. */
  readonly host?: string | undefined;
}

/** What of an inventory a machine cannot have in a place, by id; it can have everything else. */
export interface OutOfReach {
  readonly datastores: ReadonlyMap<string, readonly z.infer<typeof DatastoreInaccessibleReason>[]>;
  readonly networks: ReadonlyMap<string, 'NOT_CONNECTED' | 'NO_ASSIGN_RIGHT'>;
}

/** What an inventory is asked to make. */
export interface NewEntity {
  /** Names the request: asked again with the same key it gives the same entity, and makes nothing twice. */
  readonly key: string;
  /** In full: placement, hardware, networks, disks with the blobs that hold their bytes. */
  readonly entity: Entity;
  /** The descriptor as it came, and the parameters chosen: for an inventory that reads them itself. */
  readonly descriptor: string;
  readonly parameters: readonly OvfParams[];
  /** Import flags that were given, such as `LAX`; none when absent. */
  readonly flags?: readonly string[] | undefined;
  /** Every file that the descriptor refers to, as it came: also message bundles, pieces, and files of options not chosen. */
  readonly files: readonly StoredFile[];
}

/** What an export needs of an inventory. */
export interface Staging {
  readonly ref: Ref;
  /** Keys of blobs that are made for it begin so. What an earlier attempt has left there may be gone on with, or goes. */
  readonly prefix: string;
  /** What the export was asked to include (contract, section 5.2); what only others need may be left out. */
  readonly flags: readonly string[];
}

/** An entity in full; or the descriptor that an inventory has of it, with the files that it names. */
export type Staged =
  | { readonly entity: Entity }
  | { readonly descriptor: string; readonly files: readonly StoredFile[] };

/** What an inventory can do beyond the port; what it cannot, it refuses. */
export interface InventoryFeatures {
  /** Machines are staged while they run. */
  readonly exportRunning: boolean;
}

/** Where virtual machines and vApps live. */
export interface Inventory extends InventoryServices {
  readonly features: InventoryFeatures;
  /**
   * What the hosts of a pool do not reach, or the user may not use; nothing of what nobody knows.
   * @throws SessionError NOT_ALLOWED_IN_CURRENT_STATE when no host there runs machines: all are down or in maintenance
   */
  outOfReach(place: RunningPlace, options?: CallOptions): Promise<OutOfReach>;
  /**
   * What would come of `create`, as far as that can be told beforehand; makes nothing. Of the files only message bundles have to be here:
   * sizes and digests of those that have not come may be unknown, 0 and empty. @throws SessionError when nobody can tell now
   */
  judge(request: NewEntity, options?: CallOptions): Promise<Judgement>;
  /** Which entity an import makes; durable when it resolves. @throws SessionError NOT_FOUND, ALREADY_EXISTS, UNABLE_TO_ALLOCATE_RESOURCE */
  create(request: NewEntity, options?: CallOptions): Promise<Ref>;
  /**
   * What the request with this key has made, as long as it is there. Who says what it was to make is told so from one look: without it all
   * there is may have to be looked through.
   */
  made(key: string, entity?: Entity): Promise<Ref | undefined>;
  /**
   * Removes what the request with this key has made, whole or not, and what it needed on its way; that there is nothing is no error.
   * What a dead process still holds is waited for. @throws SessionError when it cannot be removed
   */
  discard(key: string, options?: CallOptions): Promise<void>;
  /**
   * What an entity is. `ref.type` is `VirtualMachine` or `VirtualApp`. Sizes and digests of files that lie elsewhere may be unknown: 0 and
   * empty. @throws SessionError NOT_FOUND
   */
  describe(ref: Ref, options?: CallOptions): Promise<Entity>;
  /**
   * What is exported, with every blob it names in the blob store: an inventory whose bytes lie elsewhere fetches them,
   * which takes as long as it takes. Those it makes are the caller's to delete.
   * @throws SessionError NOT_FOUND; NOT_ALLOWED_IN_CURRENT_STATE for one that runs where `features.exportRunning` is false
   */
  stage(staging: Staging, options?: CallOptions): Promise<Staged>;
  /** Those of `blobs` that an entity holds; what it holds beside them is not looked at. */
  held(blobs: readonly string[]): Promise<ReadonlySet<string>>;
}
