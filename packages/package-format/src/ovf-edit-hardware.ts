import {
  adopt,
  type Draft,
  findSystems,
  insertChild,
  insertSection,
  mapChildren,
  refuse,
  replaceElements,
  sectionsIn,
  setAttributes,
} from './ovf-edit-tree.ts';
import { attribute, children, foreignAttribute, isOvf, readList, vmwareNamespaces } from './ovf-element.ts';
import { itemNames } from './ovf-hardware.ts';
import type { ConfigEntry } from './ovf-types.ts';
import { fields, labelled, ovfElement, rasd, vssd } from './ovf-write-element.ts';
import { configElement, familyElement, type WritableItem } from './ovf-write-item.ts';
import type { Vocabulary } from './xml-build.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** The fields of an item that an edit may set; undefined leaves one as it is. */
type ItemFields = Partial<
  Pick<
    WritableItem,
    | 'address'
    | 'addressOnParent'
    | 'allocationUnits'
    | 'automaticAllocation'
    | 'description'
    | 'elementName'
    | 'limit'
    | 'parent'
    | 'reservation'
    | 'resourceSubType'
    | 'virtualQuantity'
    | 'weight'
  >
> & {
  readonly connection?: string | undefined;
  readonly hostResource?: string | undefined;
};

/** Applies `change` to the first hardware section of every system that is meant; a system without one gets one. */
export function changeHardware(
  draft: Draft,
  { system, change }: { readonly system: string | undefined; readonly change: (section: XmlElement) => XmlElement },
): XmlElement {
  const { context } = draft;
  const kind = 'VirtualHardwareSection';
  return replaceElements(draft.root, {
    targets: findSystems(draft, system),
    change: (parent) => {
      const [old] = sectionsIn(context, { parent, kind });
      if (old !== undefined) return mapChildren(parent, (child) => (child === old ? change(child) : child));
      const made = adopt(context, {
        parent,
        element: ovfElement(kind, { children: [labelled('Info', 'Virtual hardware')] }),
      });
      return insertSection(context, { parent, section: change(made) });
    },
  });
}

/** The fields of CIM stand in alphabetical order; one that is there is changed where it stands. */
function setField(
  element: XmlElement,
  { vocabulary, name, value }: { readonly vocabulary: Vocabulary; readonly name: string; readonly value: string },
): XmlElement {
  const [old] = elementsOf(element).filter((child) => child.name === name);
  const children = value === '' ? [] : [{ kind: 'text' as const, text: value }];
  if (old !== undefined) return mapChildren(element, (child) => (child === old ? { ...child, children } : child));
  const sibling = elementsOf(element).find((child) => child.namespace.includes('/cim-schema/'));
  const [made] = fields(sibling ?? vocabulary, [[name, value]]);
  if (made === undefined) return element;
  return insertChild(element, {
    child: made,
    goesBefore: (child) => child.namespace.includes('/cim-schema/') && child.name < name,
  });
}

/** Says how properties reach the guest; not at all when the list is empty. */
export function setTransport(
  draft: Draft,
  { transport, system }: { readonly transport: readonly string[]; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  const values = { transport: transport.length === 0 ? null : transport.join(' ') };
  return changeHardware(draft, { system, change: (element) => setAttributes(context, { element, values }) });
}

/** Sets the hardware family, such as `vmx-19`, that systems ask for. */
export function setHardwareVersion(
  draft: Draft,
  { version, system }: { readonly version: string; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  return changeHardware(draft, {
    system,
    change: (section) => {
      const [old] = children(context, section, 'System');
      const set = (element: XmlElement) =>
        setField(element, { vocabulary: vssd, name: 'VirtualSystemType', value: version });
      if (old !== undefined) return mapChildren(section, (child) => (child === old ? set(child) : child));
      const child = adopt(context, { parent: section, element: familyElement({ virtualSystemType: version }) });
      return insertChild(section, { child, goesBefore: ({ name }) => name === 'Info' });
    },
  });
}

function isConfig(element: XmlElement, { kind, key }: { readonly kind: string; readonly key: string }): boolean {
  const own = foreignAttribute(element, 'key', vmwareNamespaces);
  const plain = element.attributes.find(({ name }) => name === 'key')?.value;
  return element.name === kind && vmwareNamespaces.has(element.namespace) && (own ?? plain) === key;
}

/** Which of VMware's entries of a hardware section is meant. */
interface ConfigTarget {
  readonly kind: 'ExtraConfig' | 'Config';
  readonly key: string;
  readonly system?: string | undefined;
}

/** Sets VMware's `ExtraConfig` or `Config` of the hardware section. */
export function setConfig(draft: Draft, { kind, system, ...entry }: ConfigTarget & ConfigEntry): XmlElement {
  const setValue = (element: XmlElement): XmlElement => ({
    ...element,
    attributes: element.attributes.map((each) => (each.name === 'value' ? { ...each, value: entry.value } : each)),
  });
  return changeHardware(draft, {
    system,
    change: (section) => {
      const isThere = elementsOf(section).some((child) => isConfig(child, { kind, key: entry.key }));
      if (isThere)
        return mapChildren(section, (child) => (isConfig(child, { kind, key: entry.key }) ? setValue(child) : child));
      return insertChild(section, { child: configElement(kind, entry), goesBefore: () => true });
    },
  });
}

/** Removes VMware's `ExtraConfig` or `Config` of the hardware section. */
export function removeConfig(draft: Draft, { kind, key, system }: ConfigTarget): XmlElement {
  const root = changeHardware(draft, {
    system,
    change: (section) => mapChildren(section, (child) => (isConfig(child, { kind, key }) ? undefined : child)),
  });
  return root === draft.root ? refuse(`No hardware section has the ${kind} ${JSON.stringify(key)}`) : root;
}

/** The InstanceID of an item, in the spelling of any version. */
export function instanceIdOf(item: XmlElement): string | undefined {
  const field = elementsOf(item).find(({ name }) => name === 'InstanceID' || name === 'InstanceId');
  return field === undefined ? undefined : textOf(field).trim();
}

/** The items of a hardware section. */
export function itemsOf({ context }: Draft, section: XmlElement): readonly XmlElement[] {
  return elementsOf(section).filter((child) => isOvf(context, child) && itemNames.includes(child.name));
}

const fieldNames: Readonly<Record<keyof ItemFields, string>> = {
  address: 'Address',
  addressOnParent: 'AddressOnParent',
  allocationUnits: 'AllocationUnits',
  automaticAllocation: 'AutomaticAllocation',
  connection: 'Connection',
  description: 'Description',
  elementName: 'ElementName',
  hostResource: 'HostResource',
  limit: 'Limit',
  parent: 'Parent',
  reservation: 'Reservation',
  resourceSubType: 'ResourceSubType',
  virtualQuantity: 'VirtualQuantity',
  weight: 'Weight',
};

function setFields(item: XmlElement, values: ItemFields): XmlElement {
  const named = new Map(Object.entries(fieldNames));
  return Object.entries(values).reduce((changed, [key, value]) => {
    const name = named.get(key);
    if (name === undefined || value === undefined) return changed;
    // 0.9 has Caption where later versions have ElementName
    const has = (one: string) => elementsOf(item).some((field) => field.name === one);
    const isCaption = name === 'ElementName' && has('Caption') && !has('ElementName');
    return setField(changed, { vocabulary: rasd, name: isCaption ? 'Caption' : name, value: String(value) });
  }, item);
}

/** Which item of a device is meant, and what its fields become. */
export interface ItemChange {
  readonly instanceId: string;
  /** The deployment option whose item it is; the one that belongs to none without. */
  readonly option?: string | undefined;
  readonly values: ItemFields;
}

/** Sets fields of a device. */
export function setItem(
  draft: Draft,
  { instanceId, option, values, system }: ItemChange & { readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  const isMeant = (item: XmlElement) => {
    const options = readList(attribute(context, item, 'configuration'));
    const bound = attribute(context, item, 'bound');
    const isChosen = option === undefined ? options.length === 0 : options.includes(option);
    return instanceIdOf(item) === instanceId && isChosen && bound !== 'min' && bound !== 'max';
  };
  const found = findSystems(draft, system)
    .flatMap((parent) => sectionsIn(context, { parent, kind: 'VirtualHardwareSection' }).slice(0, 1))
    .flatMap((section) => itemsOf(draft, section).filter(isMeant));
  if (found.length === 0) return refuse(`No item has the InstanceID ${JSON.stringify(instanceId)}`);
  return replaceElements(draft.root, { targets: found, change: (item) => setFields(item, values) });
}
