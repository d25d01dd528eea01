import { byName } from './ovf-element.ts';
import type { CimSetting, ConfigEntry, HardwareFamily, HardwareItem } from './ovf-types.ts';
import { type Field, fields, labelled, ovf, ovfElement, rasd, vmw, vssd } from './ovf-write-element.ts';
import { attributesOf, build } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';

/** A {@link HardwareItem} to write: what may be left out is optional. */
export type WritableItem = Pick<HardwareItem, 'instanceId' | 'resourceType'> &
  Partial<Omit<HardwareItem, 'instanceId' | 'resourceType'>>;

/** What System is to say. */
export type WritableFamily = Partial<HardwareFamily>;

/** A hardware section to write. */
export interface WritableHardware {
  readonly info?: string;
  readonly system?: WritableFamily | undefined;
  readonly items: readonly WritableItem[];
  readonly transport?: readonly string[] | undefined;
  readonly config?: readonly ConfigEntry[];
  readonly extraConfig?: readonly ConfigEntry[];
}

/** VMware's key and value. */
export function configElement(name: string, { key, value, required }: ConfigEntry): XmlElement {
  return build(vmw, name, { attributes: [...attributesOf(ovf, { required }), ...attributesOf(vmw, { key, value })] });
}

const settingFields = (settings: readonly CimSetting[] = []): readonly Field[] =>
  settings.map(({ name, value }) => [name, value]);

function itemFields({ hostResource = [], connection = [], settings, ...item }: WritableItem): readonly Field[] {
  return [
    ['Address', item.address],
    ['AddressOnParent', item.addressOnParent],
    ['AllocationUnits', item.allocationUnits],
    ['AutomaticAllocation', item.automaticAllocation],
    ...connection.map((network) => ['Connection', network] as const),
    ['Description', item.description],
    ['ElementName', item.elementName ?? `Item ${item.instanceId}`],
    ...hostResource.map((resource) => ['HostResource', resource] as const),
    ['InstanceID', item.instanceId],
    ['Limit', item.limit],
    ['Parent', item.parent],
    ['Reservation', item.reservation],
    ['ResourceSubType', item.resourceSubType],
    ['ResourceType', item.resourceType],
    ['VirtualQuantity', item.virtualQuantity],
    ['Weight', item.weight],
    ...settingFields(settings),
  ];
}

/** An Item. rasd's own elements are in alphabetical order, as the schema has them, and only then those of others. */
export function itemElement(item: WritableItem): XmlElement {
  const { configurations = [], bound, required = true, config = [] } = item;
  return ovfElement('Item', {
    attributes: attributesOf(ovf, {
      bound,
      configuration: configurations.length === 0 ? undefined : configurations.join(' '),
      required: required ? undefined : false,
    }),
    children: [
      ...fields(
        rasd,
        itemFields(item).toSorted(([a], [b]) => byName(a, b)),
      ),
      ...config.map((entry) => configElement('Config', entry)),
    ],
  });
}

/** What System says. */
export function familyElement({
  elementName,
  instanceId,
  virtualSystemIdentifier,
  virtualSystemType,
  settings,
}: WritableFamily): XmlElement {
  const all: readonly Field[] = [
    ['ElementName', elementName ?? 'Virtual Hardware Family'],
    ['InstanceID', instanceId ?? '0'],
    ['VirtualSystemIdentifier', virtualSystemIdentifier],
    ['VirtualSystemType', virtualSystemType],
    ...settingFields(settings),
  ];
  return ovfElement('System', {
    children: fields(
      vssd,
      all.toSorted(([a], [b]) => byName(a, b)),
    ),
  });
}

/** A VirtualHardwareSection. */
export function hardwareElement({
  info,
  system,
  items,
  transport,
  config = [],
  extraConfig = [],
}: WritableHardware): XmlElement {
  return ovfElement('VirtualHardwareSection', {
    attributes: attributesOf(ovf, { transport: transport?.join(' ') }),
    children: [
      labelled('Info', info ?? 'Virtual hardware'),
      ...(system === undefined ? [] : [familyElement(system)]),
      ...items.map(itemElement),
      ...config.map((entry) => configElement('Config', entry)),
      ...extraConfig.map((entry) => configElement('ExtraConfig', entry)),
    ],
  });
}
