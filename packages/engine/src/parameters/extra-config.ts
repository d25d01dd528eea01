import { findParams, message } from '@ovfkit/domain';
import { systemsOf } from '@ovfkit/package-format';
import type { Parameter, ParameterContext, Problem } from './parameter.ts';

/** Extra configuration of a system, as it will be. */
export interface ExtraConfigEntry {
  readonly key: string;
  readonly value: string;
  readonly required: boolean;
}

/** By the id of the system. */
export type ChosenExtraConfig = ReadonlyMap<string, readonly ExtraConfigEntry[]>;

/** vmw:ExtraConfig of the package: entries can be left out by key, and given other values. */
export function extraConfig({ descriptor, given }: ParameterContext): Parameter<ChosenExtraConfig> {
  const input = findParams(given, 'ExtraConfigParams');
  const { excludeKeys, includeKeys } = input ?? {};
  const isKept = (key: string) =>
    (excludeKeys === undefined || !excludeKeys.includes(key)) &&
    (includeKeys === undefined || includeKeys.includes(key));
  const systems = systemsOf(descriptor.content).map((system) => ({
    id: system.id,
    entries: (system.hardware[0]?.extraConfig ?? []).map(({ key, value, required = true }) => ({
      key,
      value,
      required,
    })),
  }));
  const all = systems.flatMap(({ id, entries }) => entries.map((entry) => ({ ...entry, virtualSystemId: id })));
  const valueFor = (id: string, { key, value }: ExtraConfigEntry) =>
    input?.extraConfigs?.find((each) => each.key === key && (each.virtualSystemId ?? id) === id)?.value ?? value;
  const told = all.map(({ key, value, virtualSystemId }) => ({ key, value, virtualSystemId }));
  return {
    params: all.length === 0 ? undefined : { type: 'ExtraConfigParams', extraConfigs: told },
    problems: [
      ...(excludeKeys !== undefined && includeKeys !== undefined ? [bothLists] : []),
      ...(input?.extraConfigs ?? []).flatMap(({ key = '' }) =>
        all.some((each) => each.key === key) ? [] : [unknownKey(key)],
      ),
    ],
    missing: [],
    chosen: new Map(
      systems.map(({ id, entries }) => [
        id,
        entries.filter(({ key }) => isKept(key)).map((entry) => ({ ...entry, value: valueFor(id, entry) })),
      ]),
    ),
  };
}

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
