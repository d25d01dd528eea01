import type { Pair } from '../arguments.ts';
import type { Via } from '../target/ladder.ts';
import type { Candidate } from './candidate.ts';

/** What the flags say about the package. */
export interface Choices {
  readonly name?: string | undefined;
  readonly annotation?: string | undefined;
  /** `source=target`, or only a target when the package has one network. */
  readonly networks: readonly string[];
  /** The target of networks that nothing else decides. */
  readonly otherNetworks?: string | undefined;
  readonly properties: readonly Pair[];
  readonly datastore?: string | undefined;
  readonly diskMode?: string | undefined;
  readonly deploymentOption?: string | undefined;
  readonly storagePolicy?: string | undefined;
  /** Datastores by disk. */
  readonly diskDatastores?: readonly Pair[] | undefined;
  readonly eula: 'accepted' | 'open';
  /** The way the package takes: not each can all that a package may ask for. */
  readonly via: Via;
  /** Whether the guest is told its properties where no platform does. */
  readonly environment?: 'injected' | undefined;
  /** Who may have signed the package. */
  readonly signer: 'trusted' | 'any';
}

/** What the target offers where its answer to the package does not list it. */
export interface Offers {
  readonly networks: readonly Candidate[];
  /** `freeSpace` in bytes. */
  readonly datastores: readonly (Candidate & { readonly freeSpace?: number | undefined })[];
  readonly storagePolicies?: readonly Candidate[];
}
