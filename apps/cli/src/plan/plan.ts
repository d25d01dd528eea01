import type { Candidate } from '../import/candidate.ts';
import type { Offers } from '../import/choices.ts';
import type { Existing } from '../import/existing.ts';
import type { ChosenPlacement } from '../import/placement.ts';
import type { Hop } from '../target/hops.ts';
import type { Via } from '../target/ladder.ts';
import type { CheckName, PlanProblem } from './notes.ts';

/** One thing that was looked at. `unknown`: nobody can tell, or what it depends on failed. */
export interface PlanCheck {
  readonly check: CheckName;
  readonly status: 'ok' | 'warning' | 'failed' | 'unknown';
  readonly detail: string;
}

/** A network of the package, and the one of the target that it is connected to; absent while nothing decides. */
export interface PlannedNetwork {
  readonly source: string;
  readonly target?: Candidate | undefined;
}

/** The value of a property as it would be; that of a password is left out. */
export interface PlannedProperty {
  readonly key: string;
  readonly type: string;
  readonly value?: string | undefined;
}

/** Where disks would go, and what they need. Sizes are bytes. */
export interface PlannedStorage {
  readonly datastore?: (Candidate & { readonly freeSpace?: number | undefined }) | undefined;
  readonly provisioning?: string | undefined;
  readonly policy?: string | undefined;
  readonly disks: readonly { readonly disk: string; readonly datastore: string }[];
  readonly transferSize?: number | undefined;
  readonly flatSize?: number | undefined;
  readonly sparseSize?: number | undefined;
}

/** What an import would do, and what stands in its way. */
export interface Plan {
  /** 0, or how the import would end. */
  readonly exitCode: number;
  readonly checks: readonly PlanCheck[];
  readonly problems: readonly Omit<PlanProblem, 'cause'>[];
  /** The way that the import would take; absent while the target is not reached. */
  readonly via?: Via | undefined;
  readonly hops: readonly Hop[];
  readonly kind?: 'vm' | 'vapp' | undefined;
  readonly name?: string | undefined;
  /** Found by `--if-exists`: what has the name, and stays or goes. */
  readonly existing?: (Existing & { readonly fate: 'stays' | 'replaced' }) | undefined;
  readonly placement?: ChosenPlacement | undefined;
  readonly option?: string | undefined;
  readonly networks: readonly PlannedNetwork[];
  /** Those of the target that could be chosen. */
  readonly networksOffered: readonly Candidate[];
  readonly properties: readonly PlannedProperty[];
  readonly storage?: PlannedStorage | undefined;
  /** Those of the target that could be chosen. */
  readonly datastoresOffered: readonly Offers['datastores'][number][];
}
