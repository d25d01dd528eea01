import type { HardwareItem } from './ovf-types.ts';

/** When one entity of a collection is powered on and off. Delays in seconds; entities of one `order` start together. */
export interface StartupItem {
  /** The id of a content element. */
  readonly id: string;
  readonly order: number;
  readonly startDelay: number;
  readonly waitingForGuest: boolean;
  readonly stopDelay: number;
  /** `powerOn` or `none`, or a vendor's word. */
  readonly startAction: string;
  /** `powerOff`, `guestShutdown`, `none`, or a vendor's word. */
  readonly stopAction: string;
}

/** How often an entity may exist, for some deployment options or all. */
export interface InstanceCount {
  readonly minimum: number;
  readonly default?: number | undefined;
  readonly maximum?: number | undefined;
  readonly configurations: readonly string[];
}

/** A tag of VMware's platform, or a category of tags. */
export interface Tag {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** What a section says that has no field of its own in the model. */
export type SectionMeaning =
  | { readonly kind: 'Startup'; readonly items: readonly StartupItem[] }
  /** The machine boots once to install itself, and powers off within the delay (seconds; 0 for no limit). */
  | { readonly kind: 'Install'; readonly initialBootStopDelay: number }
  | { readonly kind: 'ResourceAllocation'; readonly items: readonly HardwareItem[] }
  | {
      readonly kind: 'EnvironmentFiles';
      readonly transport: readonly string[];
      readonly files: readonly { readonly fileRef: string; readonly path: string }[];
    }
  /** Boot sources in their order. */
  | {
      readonly kind: 'BootDevice';
      readonly caption?: string | undefined;
      readonly sources: readonly {
        readonly instanceId?: string | undefined;
        readonly bootString?: string | undefined;
      }[];
    }
  | {
      readonly kind: 'ScaleOut';
      readonly id: string;
      readonly description?: string | undefined;
      readonly counts: readonly InstanceCount[];
    }
  /** `policy` is `affinity`, `availability` or a vendor's word. */
  | {
      readonly kind: 'PlacementGroup';
      readonly id: string;
      readonly policy: string;
      readonly description?: string | undefined;
    }
  | { readonly kind: 'Placement'; readonly group: string }
  /** VMware: `protocols` such as `IPv4`, `schemes` such as `ovfenv` and `dhcp`. */
  | { readonly kind: 'IpAssignment'; readonly protocols: readonly string[]; readonly schemes: readonly string[] }
  /** VMware: the device to boot from, by its kind and InstanceID. */
  | { readonly kind: 'BootOrder'; readonly deviceType?: string | undefined; readonly instanceId?: string | undefined }
  | {
      readonly kind: 'StorageGroup';
      readonly id: string;
      readonly name?: string | undefined;
      readonly description?: string | undefined;
    }
  | { readonly kind: 'Storage'; readonly group: string }
  /** VMware: entities go where a tag of the platform allows it; of several groups, the lowest `priority` first. */
  | {
      readonly kind: 'TagPlacementGroup';
      readonly id: string;
      readonly name?: string | undefined;
      readonly priority?: number | undefined;
      readonly description?: string | undefined;
      readonly category?: Tag | undefined;
      readonly tag?: Tag | undefined;
    }
  | { readonly kind: 'TagPlacement'; readonly group: string }
  /** VMware: a service of the platform to be bound to, such as `com.vmware.vservice.extension`. */
  | {
      readonly kind: 'ServiceDependency';
      readonly id: string;
      readonly type: string;
      readonly name?: string | undefined;
      readonly description?: string | undefined;
    }
  /** VMware: masks of CPUID registers, by level. */
  | { readonly kind: 'CpuCompatibility'; readonly levels: readonly ReadonlyMap<string, string>[] };
