import { findParams, message } from '@ovfkit/domain';
import { systemsOf, type VirtualSystem } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** Extra configuration of a system, as it will be. */
export interface ExtraConfigEntry {
  readonly key: string;
  readonly value: string;
  readonly required: boolean;
}

/** By the id of the system. */
export type ChosenExtraConfig = ReadonlyMap<string, readonly ExtraConfigEntry[]>;

/**
 * vmw:ExtraConfig of the package: entries can be left out by key, and given other values. Entries for the guest (`guestinfo.…`) can be given
 * that the package does not have: to all its systems, or to one.
 */
export function extraConfig({ descriptor, given }: ParameterContext): Parameter<ChosenExtraConfig> {
  const input = findParams(given, 'ExtraConfigParams');
  const { excludeKeys, includeKeys, extraConfigs = [] } = input ?? {};
  const isKept = (key: string) =>
    (excludeKeys === undefined || !excludeKeys.includes(key)) &&
    (includeKeys === undefined || includeKeys.includes(key));
  const systems = systemsOf(descriptor.content).map((system) => ({ id: system.id, entries: entriesOf(system) }));
  const isKnown = (key: string) => systems.some(({ entries }) => entries.some((entry) => entry.key === key));
  const added = extraConfigs.flatMap(({ key = '', value = '', virtualSystemId }) =>
    isForGuest(key) && !isKnown(key) ? [{ key, value, required: false, virtualSystemId }] : [],
  );
  const addedTo = (id: string) => added.filter(({ virtualSystemId = id }) => virtualSystemId === id);
  const valueFor = (id: string, { key, value }: ExtraConfigEntry) =>
    extraConfigs.find((each) => each.key === key && (each.virtualSystemId ?? id) === id)?.value ?? value;
  const told = systems.flatMap(({ id, entries }) =>
    [...entries, ...addedTo(id)].map(({ key, value }) => ({ key, value, virtualSystemId: id })),
  );
  return {
    params: told.length === 0 ? undefined : { type: 'ExtraConfigParams', extraConfigs: told },
    problems: [
      ...(excludeKeys !== undefined && includeKeys !== undefined ? [bothLists] : []),
      ...extraConfigs.flatMap(({ key = '' }) => (isKnown(key) || isForGuest(key) ? [] : [unknownKey(key)])),
    ],
    missing: [],
    chosen: new Map(
      systems.map(({ id, entries }) => [
        id,
        [
          ...entries.filter(({ key }) => isKept(key)).map((entry) => ({ ...entry, value: valueFor(id, entry) })),
          ...addedTo(id).map(({ virtualSystemId: _, ...entry }) => entry),
        ],
      ]),
    ),
  };
}

const isForGuest = (key: string): boolean => key.startsWith('guestinfo.');

const entriesOf = ({ hardware }: VirtualSystem): readonly ExtraConfigEntry[] =>
  (hardware[0]?.extraConfig ?? []).map(({ key, value, required = true }) => ({ key, value, required }));

const bothLists: Problem = {
  name: 'exclude_keys',
  value: '',
  message: message('com.ovfkit.params.extra_config_lists', 'exclude_keys and include_keys exclude each other.'),
};

const unknownKey = (key: string): Problem => ({
  name: 'extra_configs',
  value: key,
  message: message('com.ovfkit.params.extra_config_unknown', 'The package has no extra configuration {0}.', key),
});
