import type { Eula, OperatingSystem, ProductSection, Property } from './ovf-types.ts';
import { labelled, ovf, ovfElement, vmw } from './ovf-write-element.ts';
import { hardwareElement, type WritableHardware } from './ovf-write-item.ts';
import { sectionElement, type WritableSection } from './ovf-write-section.ts';
import { attributesOf } from './xml-build.ts';
import type { XmlElement } from './xml-tree.ts';

/** A property to write. */
export type WritableProperty = Pick<Property, 'key' | 'type'> & Partial<Omit<Property, 'key' | 'type'>>;

/** A product section to write. */
export type WritableProduct = Partial<Omit<ProductSection, 'properties'>> & {
  readonly properties?: readonly WritableProperty[];
};

interface WritableBase {
  readonly id: string;
  readonly name?: string | undefined;
  readonly info?: string;
  readonly products?: readonly WritableProduct[];
  readonly eulas?: readonly Partial<Eula>[];
  readonly annotation?: string | undefined;
  readonly annotationMsgid?: string | undefined;
  readonly sections?: readonly WritableSection[];
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

/** An OperatingSystemSection. CIM's 1 is "other": what is known of the system is then in its description. */
export function operatingSystemElement({ id, version, description, osType }: OperatingSystem): XmlElement {
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
      ...(system.sections ?? []).map(sectionElement),
    ],
  });
}

/** A VirtualSystemCollection with all that is in it. */
export function collectionElement(collection: WritableCollection): XmlElement {
  return ovfElement('VirtualSystemCollection', {
    attributes: attributesOf(ovf, { id: collection.id }),
    children: [
      ...baseElements(collection),
      ...(collection.sections ?? []).map(sectionElement),
      ...collection.children.map((child) =>
        child.kind === 'VirtualSystem' ? systemElement(child) : collectionElement(child),
      ),
    ],
  });
}
