import { DiskProvisioningType, findParams, message } from '@ovfkit/domain';
import { contentsOf, type Descriptor, systemsOf, type XmlElement } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** Where disks go; a group's setting is by the id of the system whose StorageSection names the group. */
export interface ChosenStorage {
  readonly datastore: string;
  readonly provisioning: string | undefined;
  readonly bySystem: ReadonlyMap<string, { readonly datastore?: string; readonly provisioning?: string }>;
}

interface Group {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** One datastore for all, and one for each storage group of the package (vmw:StorageGroupSection). */
export function datastoreMapping(context: ParameterContext): Parameter<ChosenStorage> {
  const { given, target, descriptor } = context;
  const none = { datastore: '', provisioning: undefined, bySystem: new Map() };
  if (target === undefined) return { params: undefined, problems: [], missing: [], chosen: none };
  const input = findParams(given, 'DatastoreMappingParams');
  const groups = storageGroups(descriptor);
  const asked = (input?.diskGroups ?? []).filter(({ id }) => groups.some((group) => group.id === id));
  const datastore = input?.targetDatastore ?? target.datastores[0]?.datastore;
  const problems = [
    ...datastoreProblems(context, [input?.targetDatastore, ...asked.map((group) => group.targetDatastore)]),
    ...provisioningProblems([input?.targetProvisioningType, ...asked.map((group) => group.targetProvisioningType)]),
    ...profileProblems([input?.targetProfile, ...asked.map((group) => group.targetProfile)]),
    ...(input?.diskGroups ?? []).flatMap(({ id = '' }) =>
      groups.some((group) => group.id === id) ? [] : [unknownGroup(id)],
    ),
  ];
  const bySystem = new Map(
    systemsOf(descriptor.content).flatMap((system) => {
      const own = asked.find(({ id }) => id === groupOf(system.sections.map(({ element }) => element)));
      if (own === undefined) return [];
      const settings = {
        ...(own.targetDatastore === undefined ? {} : { datastore: own.targetDatastore }),
        ...(own.targetProvisioningType === undefined ? {} : { provisioning: own.targetProvisioningType }),
      };
      return [[system.id, settings] as const];
    }),
  );
  const missing = datastore === undefined ? [noDatastore] : [];
  const chosen = { datastore: datastore ?? '', provisioning: input?.targetProvisioningType, bySystem };
  return { params: describe(context, { groups, chosen, asked }), problems, missing, chosen };
}

function describe(
  { target }: ParameterContext,
  {
    groups,
    chosen,
    asked,
  }: { readonly groups: readonly Group[]; readonly chosen: ChosenStorage; readonly asked: readonly object[] },
): Parameter<ChosenStorage>['params'] {
  return {
    type: 'DatastoreMappingParams',
    availableStorageProfiles: [],
    storageProfilesEnabled: false,
    availableDatastores: (target?.datastores ?? []).map(({ datastore, name }) => ({
      id: datastore,
      name,
      accessible: true,
      inaccessibleReasons: [],
      storageProfiles: [],
    })),
    availableDiskProvisioningTypes: [...DiskProvisioningType.options],
    targetDatastore: chosen.datastore,
    ...(chosen.provisioning === undefined ? {} : { targetProvisioningType: chosen.provisioning }),
    diskGroups: groups.map((group) => ({ ...group, ...asked.find((each) => 'id' in each && each.id === group.id) })),
  };
}

const attribute = (element: XmlElement, name: string): string | undefined =>
  element.attributes.find((each) => each.name === name)?.value;

function storageGroups({ sections, content }: Descriptor): readonly Group[] {
  return [...sections, ...contentsOf(content).flatMap((part) => part.sections)]
    .filter(({ name }) => name === 'StorageGroupSection')
    .flatMap(({ element, info }) => {
      const id = attribute(element, 'id');
      return id === undefined ? [] : [{ id, name: attribute(element, 'name') ?? id, description: info ?? '' }];
    });
}

const groupOf = (sections: readonly XmlElement[]): string | undefined =>
  sections.filter(({ name }) => name === 'StorageSection').map((section) => attribute(section, 'group'))[0];

function datastoreProblems({ target }: ParameterContext, wanted: readonly (string | undefined)[]): readonly Problem[] {
  return wanted
    .filter((id) => id !== undefined && target?.datastores.every(({ datastore }) => datastore !== id))
    .map((id = '') => ({
      name: 'target_datastore',
      value: id,
      message: message('com.ovfkit.params.datastore_unknown', 'There is no datastore {0}.', id),
    }));
}

function provisioningProblems(wanted: readonly (string | undefined)[]): readonly Problem[] {
  return wanted
    .filter((type) => type !== undefined && !DiskProvisioningType.safeParse(type).success)
    .map((type = '') => ({
      name: 'target_provisioning_type',
      value: type,
      message: message(
        'com.ovfkit.params.provisioning_unknown',
        'The provisioning type {0} is not one of {1}.',
        type,
        DiskProvisioningType.options.join(', '),
      ),
    }));
}

function profileProblems(wanted: readonly (string | undefined)[]): readonly Problem[] {
  return wanted
    .filter((id) => id !== undefined && id !== '')
    .map((id = '') => ({
      name: 'target_profile',
      value: id,
      message: message('com.ovfkit.params.profile_unknown', 'There is no storage profile {0}.', id),
    }));
}

const unknownGroup = (id: string): Problem => ({
  name: 'disk_groups',
  value: id,
  message: message('com.ovfkit.params.disk_group_unknown', 'The package has no storage group {0}.', id),
});

const noDatastore: Problem = {
  name: 'target_datastore',
  value: '',
  message: message('com.ovfkit.params.datastore_missing', 'The target has no datastore.'),
};
