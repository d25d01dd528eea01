import type {
  DatastoreInaccessibleReason,
  DatastoreSummary,
  LocalizableMessage,
  NetworkSummary,
  OvfParams,
  OvfWarning,
  StoragePolicySummary,
} from '@ovfkit/domain';
import type { Descriptor, ResolvedPackage } from '@ovfkit/package-format';
import type { z } from 'zod';

type OfferedNetwork = z.infer<typeof NetworkSummary> & {
  /** Whether the user may not connect machines to it. */
  readonly isForbidden: boolean;
};

/** One of the target. */
export type OfferedDatastore = z.infer<typeof DatastoreSummary> & {
  /** Why no machine can be put there; none where one can. */
  readonly reasons: readonly z.infer<typeof DatastoreInaccessibleReason>[];
};

/** What a target offers. Asked of the inventory once for each question. */
export interface TargetObjects {
  /** Those that the hosts of the pool have. */
  readonly networks: readonly OfferedNetwork[];
  readonly datastores: readonly OfferedDatastore[];
  readonly storagePolicies: readonly z.infer<typeof StoragePolicySummary>[];
  /** The folder that the entity will be in. */
  readonly folder: string;
  /** Those of the names asked for that are in use in that folder. */
  readonly takenNames: ReadonlySet<string>;
}

/** What every kind of parameter is worked out from. */
export interface ParameterContext {
  /** With its texts in the language of the caller. */
  readonly descriptor: Descriptor;
  /** Under the deployment option and the property values that were given. */
  readonly resolved: ResolvedPackage;
  readonly given: readonly OvfParams[];
  /** Absent for a probe: what depends on a target is left out then. */
  readonly target: TargetObjects | undefined;
}

/** One thing wrong with the parameters. */
export interface Problem {
  /** Which parameter, as its client would say it. */
  readonly name: string;
  readonly value: string;
  readonly message: LocalizableMessage;
}

/** One kind of parameter: what the client is told, what is wrong with what it gave, and what follows from it. */
export interface Parameter<Chosen> {
  /** Absent where the package has nothing of the kind. */
  readonly params: OvfParams | undefined;
  /** With what was given. */
  readonly problems: readonly Problem[];
  /** What was not given and has to be before anything is made. */
  readonly missing: readonly Problem[];
  /** What holds up nothing, and should be known; absent for none. */
  readonly warnings?: readonly OvfWarning[];
  readonly chosen: Chosen;
}

/** A parameter that can only be told. */
export const told = (params: OvfParams | undefined): Parameter<undefined> => ({
  params,
  problems: [],
  missing: [],
  chosen: undefined,
});
