import { findParams, type OvfParams } from '@ovfkit/domain';
import type { Pair } from '../arguments.ts';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import { type Candidate, choose, listed } from './candidate.ts';
import type { Choices, Offers } from './choices.ts';

interface Question {
  readonly choices: Choices;
  readonly offers: Offers;
  readonly notes: Notes;
}

type Told = NonNullable<ReturnType<typeof findParams<'DatastoreMappingParams'>>>;

const named = (objects: readonly { readonly id?: string; readonly name?: string }[] | undefined) =>
  (objects ?? []).flatMap(({ id, name }) => (id === undefined ? [] : [{ id, name: name ?? id }]));

/** A session may list what is there for its package; else it is all there is. */
const either = (own: readonly Candidate[], all: readonly Candidate[] | undefined): readonly Candidate[] =>
  own.length > 0 ? own : (all ?? []);

function chooseMode(wanted: string, told: Told | undefined): string {
  const modes = told?.availableDiskProvisioningTypes ?? [];
  if (modes.length === 0 || modes.includes(wanted)) return wanted;
  throw new CliError('usage', `The target cannot provision disks ${wanted}`, {
    details: [`it can: ${modes.join(', ')}`],
    hint: 'Choose one with --disk-mode.',
  });
}

function chooseDatastore(
  wanted: string,
  { flag, told, offers }: { flag: string; told: Told | undefined; offers: Offers },
) {
  const usable = usableDatastores(told, offers);
  const closed = told?.availableDatastores?.filter(({ accessible }) => accessible === false) ?? [];
  const own = closed.find(({ id, name }) => id === wanted || name === wanted);
  if (own === undefined || usable.some(({ id, name }) => id === wanted || name === wanted))
    return choose(wanted, { what: 'datastore', flag, candidates: usable }).id;
  const [reasons, candidates] = [reasonsText(own.inaccessibleReasons), listed(usable)];
  throw new CliError('targetRefused', `The datastore ${wanted} cannot be used: ${reasons}`, {
    details: candidates.length === 0 ? [] : [`can be used: ${candidates.join(', ')}`],
    hint: `Choose another one with ${flag}.`,
  });
}

const reasonTexts: ReadonlyMap<string, string> = new Map([
  ['NOT_CONNECTED', 'no host there that runs machines has it'],
  ['MAINTENANCE_MODE', 'it is in maintenance mode'],
  ['READ_ONLY', 'it is read-only'],
  ['NO_ALLOCATE_RIGHT', 'this user lacks the privilege Datastore.AllocateSpace on it'],
]);

const reasonsText = (reasons: readonly string[] = []): string =>
  reasons.map((each) => reasonTexts.get(each) ?? each).join(', ') || 'the target says no more';

/** @throws CliError for a target that lists datastores, and none that can be used */
function requireOne(told: Told | undefined): void {
  const all = told?.availableDatastores ?? [];
  if (all.length === 0 || all.some(({ accessible }) => accessible !== false)) return;
  throw new CliError('targetRefused', 'No datastore of the target can be used', {
    details: all.map(({ id, name = id, inaccessibleReasons }) => `${name}: ${reasonsText(inaccessibleReasons)}`),
    hint: 'Choose another pool, cluster or host, or ask for the privilege.',
  });
}

/** Those on which the session can make the machines. */
export function usableDatastores(told: Told | undefined, offers: Offers): readonly Candidate[] {
  const all = told?.availableDatastores ?? [];
  return all.length === 0 ? offers.datastores : named(all.filter(({ accessible }) => accessible !== false));
}

function choosePolicy(wanted: string, { told, offers }: { told: Told | undefined; offers: Offers }): string {
  const candidates = either(named(told?.availableStorageProfiles), offers.storagePolicies);
  return choose(wanted, { what: 'storage policy', flag: '--storage-policy', candidates }).id;
}

/** The disk, or the group of disks, that a text means. @throws CliError with those there are */
function groupOf(wanted: string, told: Told | undefined): string {
  const candidates = named(told?.diskGroups);
  const choice = { what: 'disk', flag: '--disk-datastore DISK=NAME', candidates, in: 'package' } as const;
  if (candidates.length > 0) return choose(wanted, choice).id;
  throw new CliError(
    'usage',
    `The target cannot place ${wanted} by itself: it places the disks of this package together`,
    {
      hint: 'Say --datastore, for all of them.',
    },
  );
}

function diskGroups(
  pairs: readonly Pair[],
  { told, offers, notes }: { told: Told | undefined; offers: Offers; notes: Notes },
) {
  return pairs.flatMap(({ key, value }) => {
    const group = notes.attempt('storage', () => groupOf(key, told));
    const flag = `--disk-datastore "${key}=NAME"`;
    const datastore = notes.attempt('storage', () => chooseDatastore(value, { flag, told, offers }));
    return group === undefined || datastore === undefined ? [] : [{ id: group, targetDatastore: datastore }];
  });
}

/** Datastores, provisioning and storage policy, as far as they were asked for. */
export function storageParams(found: readonly OvfParams[], { choices, offers, notes }: Question): readonly OvfParams[] {
  const { datastore, diskMode, storagePolicy, diskDatastores = [] } = choices;
  const told = findParams(found, 'DatastoreMappingParams');
  if (datastore === undefined) notes.attempt('storage', () => requireOne(told));
  const given = <Value>(wanted: string | undefined, step: (wanted: string) => Value): Value | undefined =>
    wanted === undefined ? undefined : notes.attempt('storage', () => step(wanted));
  const target = given(datastore, (each) => chooseDatastore(each, { flag: '--datastore', told, offers }));
  const mode = given(diskMode, (each) => chooseMode(each, told));
  const profile = given(storagePolicy, (each) => choosePolicy(each, { told, offers }));
  const groups = diskGroups(diskDatastores, { told, offers, notes });
  if (target === undefined && mode === undefined && profile === undefined && groups.length === 0) return [];
  return [
    {
      type: 'DatastoreMappingParams',
      ...(target === undefined ? {} : { targetDatastore: target }),
      ...(mode === undefined ? {} : { targetProvisioningType: mode }),
      ...(profile === undefined ? {} : { targetProfile: profile }),
      ...(groups.length === 0 ? {} : { diskGroups: groups }),
    },
  ];
}
