import { findParams, type OvfParams } from '@ovfkit/domain';
import { exitCodes } from '../errors.ts';
import type { Offers } from '../import/choices.ts';
import { formatSize } from '../output/format.ts';
import type { DiskNeed } from './disk-needs.ts';
import type { PlanProblem } from './notes.ts';

/** What the disks of a package take of a datastore, in bytes; absent while the target does not say. */
export interface SpaceNeeded {
  /** As large as the guests see them. */
  readonly flat?: number;
  /** What is in them. */
  readonly sparse?: number;
}

/** A size that a target tells; below zero it tells none. */
export const knownSize = (size: number | undefined): number | undefined =>
  size !== undefined && size >= 0 ? size : undefined;

/** What a target says of the size of a package. */
export function spaceOf(found: readonly OvfParams[]): SpaceNeeded {
  const told = findParams(found, 'SizeParams');
  const flat = knownSize(told?.approximateFlatDeploymentSize);
  const sparse = knownSize(told?.approximateSparseDeploymentSize);
  return { ...(flat === undefined ? {} : { flat }), ...(sparse === undefined ? {} : { sparse }) };
}

interface Question {
  readonly chosen: readonly OvfParams[];
  readonly offers: Offers;
  /** Each disk by itself, for those that go to datastores of their own; none when nobody knows. */
  readonly disks?: readonly DiskNeed[] | undefined;
}

/**
 * Whether the chosen datastores have room: for the whole disks when they are thick, for what is in them otherwise. Thin disks that may
 * outgrow it are told. Groups of disks that go to several datastores are not looked at, when nobody knows which disks are in them.
 */
export function spaceProblems(found: readonly OvfParams[], question: Question): readonly PlanProblem[] {
  const { chosen, offers } = question;
  const told = findParams(found, 'DatastoreMappingParams');
  const own = findParams(chosen, 'DatastoreMappingParams');
  const provisioning = own?.targetProvisioningType ?? told?.targetProvisioningType;
  return [...needsByDatastore(found, question)].flatMap(([id, needed]) => {
    const datastore = offers.datastores.find((each) => each.id === id);
    const free = datastore?.freeSpace;
    return datastore === undefined || free === undefined
      ? []
      : problemsOf({ name: datastore.name, free, needed, provisioning });
  });
}

/** By id of the datastore. */
function needsByDatastore(
  found: readonly OvfParams[],
  { chosen, disks = [] }: Question,
): ReadonlyMap<string, SpaceNeeded> {
  const own = findParams(chosen, 'DatastoreMappingParams');
  const id = own?.targetDatastore ?? findParams(found, 'DatastoreMappingParams')?.targetDatastore ?? '';
  const elsewhere = (own?.diskGroups ?? []).filter(({ targetDatastore = id }) => targetDatastore !== id);
  if (elsewhere.length === 0) return new Map([[id, spaceOf(found)]]);
  if (elsewhere.some((group) => disks.every(({ diskId }) => diskId !== group.id))) return new Map();
  const needs = new Map<string, Required<SpaceNeeded>>();
  for (const { diskId, flat, sparse } of disks) {
    const place = elsewhere.find((group) => group.id === diskId)?.targetDatastore ?? id;
    const before = needs.get(place) ?? { flat: 0, sparse: 0 };
    needs.set(place, { flat: before.flat + flat, sparse: before.sparse + sparse });
  }
  return needs;
}

interface Room {
  readonly name: string;
  readonly free: number;
  readonly needed: SpaceNeeded;
  readonly provisioning: string | undefined;
}

function problemsOf({ name, free, needed, provisioning }: Room): readonly PlanProblem[] {
  const { flat = 0, sparse = 0 } = needed;
  const isThick = provisioning === 'thick' || provisioning === 'eagerZeroedThick';
  const problem = (severity: PlanProblem['severity'], text: string): PlanProblem => ({
    check: 'storage',
    severity,
    exitCode: exitCodes.targetRefused,
    message: `${name} has ${formatSize(free)} free; ${text}`,
    details: [],
    hint: isThick ? 'Choose another datastore, or --disk-mode thin.' : 'Choose another datastore with --datastore.',
  });
  if (isThick && flat > free)
    return [problem('error', `the disks take ${formatSize(flat)} when they are ${provisioning}`)];
  if (sparse > free) return [problem('error', `what is in the disks takes ${formatSize(sparse)}`)];
  return flat > free ? [problem('warning', `the disks may grow to ${formatSize(flat)}`)] : [];
}
