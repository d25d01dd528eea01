import type { FileHostsOptions } from '@ovfkit/rest';
import type { Shape } from './vim-shape.ts';
import type { ManagedObject, VimObject } from './vim-value.ts';

/** One method of vim25: what is called, and how its result is read. */
export interface VimMethod<Result> {
  /** As the interface spells it: `CreateImportSpec`, `PowerOnVM_Task`. */
  readonly name: string;
  readonly result: Shape<Result>;
  /** Whether a call whose answer got lost is simply made again: it changes nothing, or a second time nothing more. */
  readonly isRepeatable: boolean;
  /** Of whose interface it is, when it is not vim25 itself: storage policies have one of their own, in SOAP only. */
  readonly service?: 'pbm';
}

/** One call. */
export interface VimCall {
  readonly object: ManagedObject;
  /** Parameters in the order the method declares them. */
  readonly args?: VimObject;
  /** Ends the call; it then rejects with the signal's reason. The server may have acted all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** What a server says of itself before anyone has logged in. */
export interface AboutInfo {
  /** `VMware vCenter Server`, `VMware ESXi`. */
  readonly name: string;
  readonly fullName: string;
  readonly version: string;
  readonly build: string;
  /** `VirtualCenter` or `HostAgent`, which is an ESXi host of its own. */
  readonly apiType: string;
  /** `8.0.2.0`. */
  readonly apiVersion: string;
  readonly instanceUuid?: string | undefined;
}

/** The managers of a server. Those that are absent it does not have. */
export interface ServiceContent {
  readonly rootFolder: ManagedObject;
  readonly propertyCollector: ManagedObject;
  readonly viewManager?: ManagedObject | undefined;
  readonly sessionManager?: ManagedObject | undefined;
  readonly authorizationManager?: ManagedObject | undefined;
  readonly searchIndex?: ManagedObject | undefined;
  readonly ovfManager?: ManagedObject | undefined;
  readonly taskManager?: ManagedObject | undefined;
  readonly about: AboutInfo;
}

/**
 * vim25 of one server, over SOAP or VI JSON alike: logged in, kept alive on a timer of its own, logged in again when the server has
 * forgotten the session.
 */
export interface VimClient {
  /** Where the server is: what `*` stands for in the host part of a lease's URLs. */
  readonly url: URL;
  /** How it was told to trust the server, and how long it waits. Hosts that leases lead to are trusted by what the leases attest. */
  readonly trust: VimTrust;
  readonly transport: 'soap' | 'vi-json';
  readonly about: AboutInfo;
  readonly content: ServiceContent;
  /**
   * Calls a method and reads its result.
   * @throws SessionError for a fault, with `data` a `VimFault`, and for what kept the server from answering; the signal's reason
   */
  call<Result>(method: VimMethod<Result>, call: VimCall): Promise<Result>;
  /** Logs out and drops every connection. */
  close(): Promise<void>;
}

/** Of the options a client was made with. */
export type VimTrust = FileHostsOptions & { readonly thumbprint?: string | undefined };

/** What a fault leaves in `SessionError.data`. */
export interface VimFault {
  /** The fault's type: `DuplicateName`, `InvalidState`. */
  readonly fault: string;
  /** The method that ended with it. */
  readonly method: string;
  /** The fault's own fields. */
  readonly detail: VimObject;
}
