import { findParams, type OvfParams } from '@ovfkit/domain';
import { exitCodes } from '../errors.ts';
import type { Offers } from '../import/choices.ts';
import { formatSize } from '../output/format.ts';
import type { PlanProblem } from './notes.ts';

/** What the disks of a package take of a datastore, in bytes; absent while the target does not say. */
export interface SpaceNeeded {
  /** As large as the guests see them. */
  readonly flat?: number;
  /** What is in them. */
  readonly sparse?: number;
}

const known = (size: number | undefined): size is number => size !== undefined && size >= 0;

/** What a target says of the size of a package. */
export function spaceOf(found: readonly OvfParams[]): SpaceNeeded {
  const { approximateFlatDeploymentSize: flat, approximateSparseDeploymentSize: sparse } =
    findParams(found, 'SizeParams') ?? {};
  return { ...(known(flat) ? { flat } : {}), ...(known(sparse) ? { sparse } : {}) };
}

/**
 * Whether the chosen datastore has room: for the whole disks when they are thick, for what is in them otherwise. Thin disks that may
 * outgrow it are told. Disks that go to several datastores are not looked at.
 */
export function spaceProblems(
  found: readonly OvfParams[],
  { chosen, offers }: { readonly chosen: readonly OvfParams[]; readonly offers: Offers },
): readonly PlanProblem[] {
  const told = findParams(found, 'DatastoreMappingParams');
  const own = findParams(chosen, 'DatastoreMappingParams');
  const id = own?.targetDatastore ?? told?.targetDatastore;
  if (own?.diskGroups?.some(({ targetDatastore }) => targetDatastore !== undefined && targetDatastore !== id))
    return [];
  const datastore = offers.datastores.find((each) => each.id === id);
  const free = datastore?.freeSpace;
  if (datastore === undefined || free === undefined) return [];
  const provisioning = own?.targetProvisioningType ?? told?.targetProvisioningType;
  const { flat = 0, sparse = 0 } = spaceOf(found);
  const isThick = provisioning === 'thick' || provisioning === 'eagerZeroedThick';
  const problem = (severity: PlanProblem['severity'], text: string): PlanProblem => ({
    check: 'storage',
    severity,
    exitCode: exitCodes.targetRefused,
    message: `${datastore.name} has ${formatSize(free)} free; ${text}`,
    details: [],
    hint: isThick ? 'Choose another datastore, or --disk-mode thin.' : 'Choose another datastore with --datastore.',
  });
  if (isThick && flat > free)
    return [problem('error', `the disks take ${formatSize(flat)} when they are ${provisioning}`)];
  if (sparse > free) return [problem('error', `what is in the disks takes ${formatSize(sparse)}`)];
  return flat > free ? [problem('warning', `the disks may grow to ${formatSize(flat)}`)] : [];
}
