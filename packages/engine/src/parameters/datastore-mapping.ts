import { DiskProvisioningType, findParams, message, type OvfParams } from '@ovfkit/domain';
import { type Descriptor, systemsOf } from '@ovfkit/package-format';
import type { OfferedDatastore, Parameter, ParameterContext, Problem } from './parameter.ts';
import { allSections, meaningsOf } from './section.ts';

/** Settings of some disks; absent fields leave the package-wide ones. */
interface StorageSetting {
  readonly datastore?: string;
  readonly provisioning?: string;
  readonly profile?: string;
}

/** Where disks go; a group's setting is by the id of the system whose StorageSection names the group. */
export interface ChosenStorage extends StorageSetting {
  readonly datastore: string;
  readonly bySystem: ReadonlyMap<string, StorageSetting>;
  /** By the id of the disk, where disks are groups of their own. */
  readonly byDisk: ReadonlyMap<string, StorageSetting>;
}

interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** What a client may say of the package, and of each of its groups. */
interface Wanted {
  readonly targetDatastore?: string;
  readonly targetProvisioningType?: string;
  readonly targetProfile?: string;
}

/**
 * One datastore for all, and one for each storage group of the package (vmw:StorageGroupSection). Where a package groups nothing each of
 * its disks is a group of its own, so that they can be placed apart.
 */
export function datastoreMapping(context: ParameterContext): Parameter<ChosenStorage> {
  const { target, descriptor } = context;
  const none = { datastore: '', bySystem: new Map(), byDisk: new Map() };
  if (target === undefined) return { params: undefined, problems: [], missing: [], chosen: none };
  const input = inputOf(context.given);
  const named = storageGroups(descriptor);
  const groups = named.length > 0 ? named : diskGroups(context);
  const asked = input.diskGroups.filter(({ id }) => groups.some((group) => group.id === id));
  const unknown = input.diskGroups.filter((group) => !asked.includes(group));
  const datastore = input.targetDatastore ?? roomiest(target.datastores)?.datastore;
  const bySystem = new Map(
    systemsOf(descriptor.content).flatMap(({ id, sections }) => {
      const [own] = meaningsOf(sections, 'Storage');
      const setting = asked.find((group) => group.id === own?.group);
      return setting === undefined ? [] : [[id, settingOf(setting)] as const];
    }),
  );
  const byDisk = new Map(named.length > 0 ? [] : asked.map((group) => [group.id, settingOf(group)] as const));
  const chosen = { ...settingOf(input), datastore: datastore ?? '', bySystem, byDisk };
  return {
    params: describe(context, { groups, chosen, asked }),
    problems: [...[input, ...asked].flatMap((each) => problemsOf(context, each)), ...unknown.map(unknownGroup)],
    missing: datastore === undefined ? [noDatastore(target.datastores)] : [],
    chosen,
  };
}

const isUsable = ({ reasons }: OfferedDatastore): boolean => reasons.length === 0;

/** Of those that can be used the one with most room, as far as it is known; the first of equals. */
const roomiest = (datastores: readonly OfferedDatastore[]): OfferedDatastore | undefined =>
  datastores.filter(isUsable).toSorted((one, other) => (other.freeSpace ?? 0) - (one.freeSpace ?? 0))[0];

/** The parameters of an import with the datastore that was told for them: where it would be chosen by room, more may have come elsewhere since. */
export function withDatastore(given: readonly OvfParams[], { datastore }: ChosenStorage): readonly OvfParams[] {
  const own = findParams(given, 'DatastoreMappingParams');
  const isOpen = findParams(given, 'StorageMappingParams') === undefined && filled(own?.targetDatastore) === undefined;
  if (!isOpen || datastore === '') return given;
  const named = { type: 'DatastoreMappingParams', ...own, targetDatastore: datastore } as const;
  return [...given.filter((params) => params !== own), named];
}

/** The parameters of a virtual datacenter say the same without datastores. An empty text counts as none. */
function inputOf(given: readonly OvfParams[]): Wanted & { readonly diskGroups: readonly (Wanted & { id: string })[] } {
  const input = findParams(given, 'DatastoreMappingParams') ?? findParams(given, 'StorageMappingParams');
  const { diskGroups = [], ...wanted } = input ?? {};
  return { ...wantedOf(wanted), diskGroups: diskGroups.map((group) => ({ ...wantedOf(group), id: group.id ?? '' })) };
}

function wantedOf(told: Readonly<Partial<Record<keyof Wanted, unknown>>>): Wanted {
  const targetDatastore = filled(told.targetDatastore);
  const targetProvisioningType = filled(told.targetProvisioningType);
  const targetProfile = filled(told.targetProfile);
  return {
    ...(targetDatastore === undefined ? {} : { targetDatastore }),
    ...(targetProvisioningType === undefined ? {} : { targetProvisioningType }),
    ...(targetProfile === undefined ? {} : { targetProfile }),
  };
}

const filled = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const settingOf = ({ targetDatastore, targetProvisioningType, targetProfile }: Wanted): StorageSetting => ({
  ...(targetDatastore === undefined ? {} : { datastore: targetDatastore }),
  ...(targetProvisioningType === undefined ? {} : { provisioning: targetProvisioningType }),
  ...(targetProfile === undefined ? {} : { profile: targetProfile }),
});

function describe(
  { target }: ParameterContext,
  {
    groups,
    chosen,
    asked,
  }: {
    readonly groups: readonly Group[];
    readonly chosen: ChosenStorage;
    readonly asked: readonly (Wanted & { readonly id: string })[];
  },
): OvfParams {
  const profiles = target?.storagePolicies ?? [];
  return {
    type: 'DatastoreMappingParams',
    availableStorageProfiles: profiles.map(({ policy, name }) => ({ id: policy, name })),
    storageProfilesEnabled: profiles.length > 0,
    availableDatastores: (target?.datastores ?? []).map(({ datastore, name, reasons }) => ({
      id: datastore,
      name,
      accessible: reasons.length === 0,
      inaccessibleReasons: [...reasons],
      storageProfiles: profiles.map(({ policy }) => policy),
    })),
    availableDiskProvisioningTypes: [...DiskProvisioningType.options],
    targetDatastore: chosen.datastore,
    ...(chosen.provisioning === undefined ? {} : { targetProvisioningType: chosen.provisioning }),
    ...(chosen.profile === undefined ? {} : { targetProfile: chosen.profile }),
    diskGroups: groups.map((group) => ({ ...group, ...asked.find(({ id }) => id === group.id) })),
  };
}

const storageGroups = (descriptor: Descriptor): readonly Group[] =>
  meaningsOf(allSections(descriptor), 'StorageGroup').map(({ id, name = id, description = '' }) => ({
    id,
    name,
    description,
  }));

/** A disk alone is where the package is. */
function diskGroups({ resolved }: ParameterContext): readonly Group[] {
  const names = new Map(
    resolved.systems.flatMap(({ disks }) =>
      disks.map(({ diskId, item }) => [diskId, item.elementName ?? diskId] as const),
    ),
  );
  return names.size < 2 ? [] : [...names].map(([id, name]) => ({ id, name, description: '' }));
}

function problemsOf({ target }: ParameterContext, wanted: Wanted): readonly Problem[] {
  const { targetDatastore, targetProvisioningType, targetProfile } = wanted;
  const datastore = target?.datastores.find((each) => each.datastore === targetDatastore);
  const isProfile = target?.storagePolicies.some(({ policy }) => policy === targetProfile);
  const isType = DiskProvisioningType.safeParse(targetProvisioningType).success;
  return [
    ...(targetDatastore === undefined || datastore !== undefined ? [] : [unknownDatastore(targetDatastore)]),
    ...(datastore === undefined || isUsable(datastore) ? [] : [unusableDatastore(datastore)]),
    ...(targetProvisioningType === undefined || isType ? [] : [unknownProvisioning(targetProvisioningType)]),
    ...(targetProfile === undefined || isProfile ? [] : [unknownProfile(targetProfile)]),
  ];
}

const unknownDatastore = (id: string): Problem => ({
  name: 'target_datastore',
  value: id,
  message: message('com.ovfkit.params.datastore_unknown', 'There is no datastore {0}.', id),
});

const unknownProvisioning = (type: string): Problem => ({
  name: 'target_provisioning_type',
  value: type,
  message: message(
    'com.ovfkit.params.provisioning_unknown',
    'The provisioning type {0} is not one of {1}.',
    type,
    DiskProvisioningType.options.join(', '),
  ),
});

const unknownProfile = (id: string): Problem => ({
  name: 'target_profile',
  value: id,
  message: message('com.ovfkit.params.profile_unknown', 'There is no storage profile {0}.', id),
});

const unknownGroup = ({ id }: { readonly id: string }): Problem => ({
  name: 'disk_groups',
  value: id,
  message: message('com.ovfkit.params.disk_group_unknown', 'The package has no storage group {0}.', id),
});

const unusableDatastore = ({ datastore, name, reasons }: OfferedDatastore): Problem => ({
  name: 'target_datastore',
  value: datastore,
  message: message(
    'com.ovfkit.params.datastore_unusable',
    'The datastore {0} cannot be used: {1}.',
    name,
    reasons.join(', '),
  ),
});

const noDatastore = (datastores: readonly OfferedDatastore[]): Problem => ({
  name: 'target_datastore',
  value: '',
  message:
    datastores.length === 0
      ? message('com.ovfkit.params.datastore_missing', 'The target has no datastore.')
      : message(
          'com.ovfkit.params.datastores_unusable',
          'No datastore of the target can be used: {0}.',
          datastores.map(({ name, reasons }) => `${name} (${reasons.join(', ')})`).join(', '),
        ),
});
