import type {
  ConfigEntry,
  Eula,
  HardwareFamily,
  HardwareItem,
  OperatingSystem,
  ProductSection,
  Property,
  UnknownSection,
} from './ovf-types.ts';
import { fields, labelled, ovf, ovfElement, rasd, vmw, vssd } from './ovf-write-element.ts';
import { attributesOf, build } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';

/** A {@link HardwareItem} to write: what may be left out is optional. */
export type WritableItem = Pick<HardwareItem, 'instanceId' | 'resourceType'> &
  Partial<Omit<HardwareItem, 'instanceId' | 'resourceType'>>;

/** A property to write. */
export type WritableProperty = Pick<Property, 'key' | 'type'> & Partial<Omit<Property, 'key' | 'type'>>;

/** A product section to write. */
export type WritableProduct = Partial<Omit<ProductSection, 'properties'>> & {
  readonly properties?: readonly WritableProperty[];
};

/** A hardware section to write. */
export interface WritableHardware {
  readonly info?: string;
  readonly system?: HardwareFamily | undefined;
  readonly items: readonly WritableItem[];
  readonly transport?: readonly string[] | undefined;
  readonly config?: readonly ConfigEntry[];
  readonly extraConfig?: readonly ConfigEntry[];
}

interface WritableBase {
  readonly id: string;
  readonly name?: string | undefined;
  readonly info?: string;
  readonly products?: readonly WritableProduct[];
  readonly eulas?: readonly Partial<Eula>[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections?: readonly Pick<UnknownSection, 'element'>[];
}

/** A system to write. */
export interface WritableSystem extends WritableBase {
  readonly kind: 'VirtualSystem';
  readonly operatingSystem?: OperatingSystem | undefined;
  readonly hardware?: readonly WritableHardware[];
}

/** A collection to write. */
export interface WritableCollection extends WritableBase {
  readonly kind: 'VirtualSystemCollection';
  readonly children: readonly WritableContent[];
}

/** What a package deploys, to write. */
export type WritableContent = WritableSystem | WritableCollection;

/** VMware's key and value. */
export function configElement(name: string, { key, value, required }: ConfigEntry): XmlElement {
  return build(vmw, name, { attributes: [...attributesOf(ovf, { required }), ...attributesOf(vmw, { key, value })] });
}

/** An Item. rasd's own elements are in alphabetical order, as the schema has them, and only then those of others. */
export function itemElement(item: WritableItem): XmlElement {
  const { configurations = [], bound, required = true, hostResource = [], connection = [], config = [] } = item;
  return ovfElement('Item', {
    attributes: attributesOf(ovf, {
      bound,
      configuration: configurations.length === 0 ? undefined : configurations.join(' '),
      required: required ? undefined : false,
    }),
    children: [
      ...fields(rasd, [
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
      ]),
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
}: HardwareFamily): XmlElement {
  return ovfElement('System', {
    children: fields(vssd, [
      ['ElementName', elementName ?? 'Virtual Hardware Family'],
      ['InstanceID', instanceId ?? '0'],
      ['VirtualSystemIdentifier', virtualSystemIdentifier],
      ['VirtualSystemType', virtualSystemType],
    ]),
  });
}

function hardwareElement({
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

/** CIM's 1 is "other": what is known of the system is then in its description. */
function operatingSystemElement({ id, version, description, osType }: OperatingSystem): XmlElement {
  return ovfElement('OperatingSystemSection', {
    attributes: [...attributesOf(ovf, { id: id ?? 1, version }), ...attributesOf(vmw, { osType })],
    children: [
      labelled('Info', 'Guest operating system'),
      ...(description === undefined ? [] : [labelled('Description', description)]),
    ],
  });
}

/** A Property. */
export function propertyElement(property: WritableProperty): XmlElement {
  const {
    key,
    type,
    qualifiers,
    value,
    userConfigurable,
    password,
    configurations,
    label,
    description,
    valuesByConfiguration,
  } = property;
  return ovfElement('Property', {
    attributes: [
      ...attributesOf(ovf, {
        key,
        type,
        qualifiers,
        value,
        userConfigurable: userConfigurable === true ? true : undefined,
      }),
      ...attributesOf(ovf, {
        password: password === true ? true : undefined,
        configuration: configurations?.join(' '),
      }),
      ...attributesOf(vmw, { qualifiers: property.vendorQualifiers }),
    ],
    children: [
      ...(label === undefined ? [] : [labelled('Label', label, property.labelMsgid)]),
      ...(description === undefined ? [] : [labelled('Description', description, property.descriptionMsgid)]),
      ...[...(valuesByConfiguration ?? [])].map(([configuration, own]) =>
        ovfElement('Value', { attributes: attributesOf(ovf, { value: own, configuration }) }),
      ),
    ],
  });
}

/** A Category holds for all properties after it, so it is written when it changes. */
function propertyElements(
  categories: readonly string[],
  properties: readonly WritableProperty[],
): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  let written = 0;
  let current: string | undefined;
  const writeCategory = (category: string) => {
    elements.push(labelled('Category', category));
    current = category;
  };
  for (const property of properties) {
    if (property.category !== undefined && property.category !== current) {
      const next = categories.indexOf(property.category, written);
      for (const category of next < 0 ? [property.category] : categories.slice(written, next + 1))
        writeCategory(category);
      written = next < 0 ? written : next + 1;
    }
    elements.push(propertyElement(property));
  }
  for (const category of categories.slice(written)) writeCategory(category);
  return elements;
}

/** A ProductSection. */
export function productElement(product: WritableProduct): XmlElement {
  const texts = [
    ['Product', product.product],
    ['Vendor', product.vendor],
    ['Version', product.version],
    ['FullVersion', product.fullVersion],
    ['ProductUrl', product.productUrl],
    ['VendorUrl', product.vendorUrl],
    ['AppUrl', product.appUrl],
  ] as const;
  return ovfElement('ProductSection', {
    attributes: attributesOf(ovf, { class: product.class, instance: product.instance }),
    children: [
      labelled('Info', product.info ?? 'Product'),
      ...texts.flatMap(([name, text]) => (text === undefined ? [] : [labelled(name, text)])),
      ...(product.icons ?? []).map(({ height, width, mimeType, fileRef }) =>
        ovfElement('Icon', { attributes: attributesOf(ovf, { height, width, mimeType, fileRef }) }),
      ),
      ...propertyElements(product.categories ?? [], product.properties ?? []),
    ],
  });
}

/** An EulaSection. */
export function eulaElement({ info, license, licenseMsgid }: Partial<Eula>): XmlElement {
  return ovfElement('EulaSection', {
    children: [labelled('Info', info ?? 'Licence agreement'), labelled('License', license ?? '', licenseMsgid)],
  });
}

/** An AnnotationSection, if there is an annotation. */
export function annotationElement({
  annotation,
  annotationMsgid,
}: Pick<WritableBase, 'annotation' | 'annotationMsgid'>): readonly XmlElement[] {
  if (annotation === undefined) return [];
  return [
    ovfElement('AnnotationSection', {
      children: [labelled('Info', 'Annotation'), labelled('Annotation', annotation, annotationMsgid)],
    }),
  ];
}

function baseElements(content: WritableBase): readonly XmlElement[] {
  return [
    labelled('Info', content.info ?? 'Virtual system'),
    ...(content.name === undefined ? [] : [labelled('Name', content.name)]),
    ...annotationElement(content),
    ...(content.products ?? []).map(productElement),
    ...(content.eulas ?? []).map(eulaElement),
  ];
}

/** A VirtualSystem. */
export function systemElement(system: WritableSystem): XmlElement {
  return ovfElement('VirtualSystem', {
    attributes: attributesOf(ovf, { id: system.id }),
    children: [
      ...baseElements(system),
      ...(system.operatingSystem === undefined ? [] : [operatingSystemElement(system.operatingSystem)]),
      ...(system.hardware ?? []).map(hardwareElement),
      ...(system.sections ?? []).map(({ element }) => element),
    ],
  });
}

/** A VirtualSystemCollection with all that is in it. */
export function collectionElement(collection: WritableCollection): XmlElement {
  return ovfElement('VirtualSystemCollection', {
    attributes: attributesOf(ovf, { id: collection.id }),
    children: [
      ...baseElements(collection),
      ...(collection.sections ?? []).map(({ element }) => element),
      ...collection.children.map((child) =>
        child.kind === 'VirtualSystem' ? systemElement(child) : collectionElement(child),
      ),
    ],
  });
}
