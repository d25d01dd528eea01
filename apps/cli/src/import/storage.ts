import { findParams, type OvfParams } from '@ovfkit/domain';
import type { Pair } from '../arguments.ts';
import { CliError } from '../errors.ts';
import type { Notes } from '../plan/notes.ts';
import type { Choices, Offers } from './choices.ts';
import { type Candidate, choose } from './placement.ts';

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
  const candidates = either(named(told?.availableDatastores), offers.datastores);
  const chosen = choose(wanted, { what: 'datastore', flag, candidates });
  const own = told?.availableDatastores?.find(({ id }) => id === chosen.id);
  if (own?.accessible !== false) return chosen.id;
  throw new CliError('targetRefused', `The datastore ${chosen.name} cannot be used`, {
    details: own.inaccessibleReasons ?? [],
    hint: `Choose another one with ${flag}.`,
  });
}

function choosePolicy(wanted: string, { told, offers }: { told: Told | undefined; offers: Offers }): string {
  const candidates = either(named(told?.availableStorageProfiles), offers.storagePolicies);
  return choose(wanted, { what: 'storage policy', flag: '--storage-policy', candidates }).id;
}

/** The disk, or the group of disks, that a text means. @throws CliError with those there are */
function groupOf(wanted: string, told: Told | undefined): string {
  const candidates = named(told?.diskGroups);
  if (candidates.length > 0) return choose(wanted, { what: 'disk', flag: '--disk-datastore DISK=NAME', candidates }).id;
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
