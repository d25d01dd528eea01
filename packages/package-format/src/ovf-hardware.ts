// <Item ovf:configuration="small"> <rasd:InstanceID>2</rasd:InstanceID> <rasd:ResourceType>4</rasd:ResourceType>
//   <rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits> <rasd:VirtualQuantity>512</rasd:VirtualQuantity> </Item>
import {
  attribute,
  byName,
  childLabel,
  children,
  collapse,
  foreignAttribute,
  isOvf,
  isRequired,
  type ReadContext,
  readBoolean,
  readList,
  readNumber,
  vmwareNamespaces,
} from './ovf-element.ts';
import type { CimSetting, ConfigEntry, HardwareFamily, HardwareItem, VirtualHardware } from './ovf-types.ts';
import { elementsOf, textOf, type XmlElement } from './xml-tree.ts';

/** What OVF calls an item, in the order of its schema; the last two in 2.x. */
export const itemNames: readonly string[] = ['Item', 'EthernetPortItem', 'StorageItem'];

/** Children of an item by local name: rasd, pasd, sasd and epasd spell them alike, and their namespaces are often damaged. */
const knownFields: ReadonlySet<string> = new Set([
  'Address',
  'AddressOnParent',
  'AllocationUnits',
  'AutomaticAllocation',
  'AutomaticDeallocation',
  'Caption',
  'ChangeableType',
  'Communication',
  'ComponentSetting',
  'ConfigurationName',
  'Connection',
  'ConsumerVisibility',
  'DefaultPortVID',
  'DefaultPriority',
  'Description',
  'DesiredVLANEndpointMode',
  'ElementName',
  'Generation',
  'GroupID',
  'HostExtentName',
  'HostExtentNameFormat',
  'HostExtentNameNamespace',
  'HostExtentStartingAddress',
  'HostResource',
  'HostResourceBlockSize',
  'InstanceID',
  'InstanceId',
  'InstructionSet',
  'InstructionSetExtensionName',
  'Limit',
  'ManagerID',
  'MappingBehavior',
  'NetworkPortProfileID',
  'NetworkPortProfileIDType',
  'OtherEndpointMode',
  'OtherHostExtentNameFormat',
  'OtherHostExtentNameNamespace',
  'OtherNetworkPortProfileIDTypeInfo',
  'OtherResourceType',
  'Parent',
  'PoolID',
  'PortCorrelationID',
  'PortVID',
  'Promiscuous',
  'ReceiveBandwidthLimit',
  'ReceiveBandwidthReservation',
  'Reservation',
  'ResourceSubType',
  'ResourceType',
  'SourceMACFilteringEnabled',
  'VirtualQuantity',
  'VirtualQuantityUnits',
  'VirtualResourceBlockSize',
  'Weight',
  'AllowedPriorities',
  'AllowedToReceiveMACAddresses',
  'AllowedToReceiveVLANs',
  'AllowedToTransmitMACAddresses',
  'AllowedToTransmitVLANs',
  'Access',
  'BusNumber',
]);

/** The elements of an item that have a field of their own, or are no elements of CIM any more. */
const itemFields: ReadonlySet<string> = new Set([
  'Address',
  'AddressOnParent',
  'AllocationUnits',
  'AutomaticAllocation',
  'BusNumber',
  'Connection',
  'Description',
  'ElementName',
  'HostResource',
  'InstanceID',
  'InstanceId',
  'Limit',
  'Parent',
  'Reservation',
  'ResourceSubType',
  'ResourceType',
  'VirtualQuantity',
  'Weight',
]);

/** The same of System. */
const familyFields: ReadonlySet<string> = new Set([
  'ElementName',
  'InstanceID',
  'InstanceId',
  'VirtualSystemIdentifier',
  'VirtualSystemType',
]);

function isCim(element: XmlElement): boolean {
  return element.namespace.includes('/cim-schema/') || element.namespace.startsWith('urn:undeclared:');
}

type Fields = ReadonlyMap<string, readonly string[]>;

/** The texts of the fields by name, without the empty ones: a package has thousands of fields, which are asked for one by one. */
function fieldsOf(item: XmlElement): Fields {
  const fields = new Map<string, string[]>();
  for (const child of elementsOf(item)) {
    const text = textOf(child).trim();
    if (text === '') continue;
    const known = fields.get(child.name);
    if (known === undefined) fields.set(child.name, [text]);
    else known.push(text);
  }
  return fields;
}

const firstOf = (fields: Fields, name: string): string | undefined => fields.get(name)?.[0];

/** What has no field of its own, in the order of names, which is that of the schemas. */
function readSettings(element: XmlElement, fields: ReadonlySet<string>): readonly CimSetting[] {
  return elementsOf(element)
    .filter((child) => isCim(child) && !fields.has(child.name))
    .map((child) => ({ name: child.name, value: textOf(child).trim() }))
    .filter(({ value }) => value !== '')
    .toSorted((a, b) => byName(a.name, b.name));
}

function readConfig(element: XmlElement, name: string): readonly ConfigEntry[] {
  return elementsOf(element)
    .filter((child) => child.name === name && vmwareNamespaces.has(child.namespace))
    .map((child) => ({
      key:
        foreignAttribute(child, 'key', vmwareNamespaces) ?? child.attributes.find((a) => a.name === 'key')?.value ?? '',
      value:
        foreignAttribute(child, 'value', vmwareNamespaces) ??
        child.attributes.find((a) => a.name === 'value')?.value ??
        '',
      required: readBoolean(child.attributes.find((a) => a.name === 'required')?.value),
    }));
}

function readBound(text: string | undefined): HardwareItem['bound'] {
  return text === 'min' || text === 'max' || text === 'normal' ? text : undefined;
}

/** oVirt writes sockets and cores in place of the quantity. */
function readQuantity(number: (name: string) => number | undefined): number | undefined {
  const quantity = number('VirtualQuantity');
  if (quantity !== undefined) return quantity;
  const sockets = number('num_of_sockets');
  const cores = number('cpu_per_socket');
  return sockets === undefined || cores === undefined ? undefined : sockets * cores;
}

function reportUnknownFields(context: ReadContext, item: XmlElement): void {
  for (const child of elementsOf(item)) {
    const required = readBoolean(attribute(context, child, 'required'));
    const isKnown = knownFields.has(child.name) || (context.version === 'ovirt' && required !== true);
    if (isCim(child) ? isKnown : required !== true || vmwareNamespaces.has(child.namespace)) continue;
    context.report(
      required === true ? 'ELEMENT_UNKNOWN_REQUIRED' : 'ELEMENT_UNKNOWN',
      `An Item has the unknown element ${child.name}`,
      { position: child.position },
    );
  }
}

/** Reads an Item, StorageItem or EthernetPortItem. */
export function readItem(context: ReadContext, item: XmlElement): HardwareItem {
  const fields = fieldsOf(item);
  const one = (name: string) => firstOf(fields, name);
  const number = (name: string) => readNumber(context, { text: one(name), what: `${name} of an Item`, element: item });
  const instanceId = one('InstanceID') ?? one('InstanceId');
  if (instanceId === undefined)
    context.report('INSTANCE_ID_MISSING', 'An Item has no InstanceID', { position: item.position });
  if (one('ResourceType') === undefined)
    context.report('RESOURCE_TYPE_MISSING', `The Item ${instanceId ?? ''} has no ResourceType`, {
      position: item.position,
    });
  reportUnknownFields(context, item);
  return {
    instanceId: instanceId ?? '',
    resourceType: number('ResourceType') ?? 0,
    resourceSubType: one('ResourceSubType'),
    // before OVF 1.0 it was called so
    elementName: one('ElementName') ?? one('Caption'),
    description: one('Description'),
    parent: one('Parent'),
    addressOnParent: one('AddressOnParent'),
    address: one('Address'),
    virtualQuantity: readQuantity(number),
    allocationUnits: one('AllocationUnits') ?? one('VirtualQuantityUnits'),
    reservation: number('Reservation'),
    limit: number('Limit'),
    weight: number('Weight'),
    hostResource: fields.get('HostResource') ?? [],
    connection: fields.get('Connection') ?? [],
    automaticAllocation: readBoolean(one('AutomaticAllocation')),
    configurations: readList(attribute(context, item, 'configuration')),
    bound: readBound(attribute(context, item, 'bound')),
    required: isRequired(context, item),
    config: readConfig(item, 'Config'),
    settings: readSettings(item, itemFields).filter(({ name }) => knownFields.has(name)),
    position: item.position,
  };
}

function readFamily(system: XmlElement): HardwareFamily {
  const fields = fieldsOf(system);
  const one = (name: string) => firstOf(fields, name);
  const types = fields.get('VirtualSystemType') ?? [];
  return {
    elementName: one('ElementName') ?? one('Caption'),
    instanceId: one('InstanceID') ?? one('InstanceId'),
    virtualSystemIdentifier: one('VirtualSystemIdentifier'),
    virtualSystemType: types.length === 0 ? undefined : collapse(types.join(' ')),
    settings: readSettings(system, familyFields),
  };
}

/** Reads a VirtualHardwareSection. */
export function readHardware(context: ReadContext, section: XmlElement): VirtualHardware {
  const system = children(context, section, 'System')[0];
  const transport = attribute(context, section, 'transport');
  return {
    info: childLabel(context, section, 'Info') ?? '',
    system: system === undefined ? undefined : readFamily(system),
    items: elementsOf(section)
      .filter((child) => isOvf(context, child) && itemNames.includes(child.name))
      .map((item) => readItem(context, item)),
    transport: transport === undefined ? undefined : readList(transport),
    config: readConfig(section, 'Config'),
    extraConfig: readConfig(section, 'ExtraConfig'),
  };
}
