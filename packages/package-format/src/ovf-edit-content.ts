import {
  adopt,
  contentElements,
  type Draft,
  findContent,
  insertChild,
  insertSection,
  mapChildren,
  refuse,
  replaceElements,
  sectionsIn,
  setAttributes,
  setText,
} from './ovf-edit-tree.ts';
import { attribute, children, isOvf, kindOf, readList } from './ovf-element.ts';
import type { Property } from './ovf-types.ts';
import { annotationElement, eulaElement, productElement, propertyElement } from './ovf-write-content.ts';
import { labelled, ovf, ovfElement } from './ovf-write-element.ts';
import { attributesOf } from './xml-build.ts';
import { elementsOf, type XmlElement } from './xml-tree.ts';

/** A child with a text: changed where it stands, else made behind those that `follows` names. */
export function setTextChild(
  draft: Draft,
  {
    parent,
    name,
    text,
    follows,
  }: { readonly parent: XmlElement; readonly name: string; readonly text: string; readonly follows: readonly string[] },
): XmlElement {
  const { context } = draft;
  const [old] = children(context, parent, name);
  if (old !== undefined)
    return mapChildren(parent, (child) => (child === old ? setText(context, { element: child, text }) : child));
  const child = adopt(context, { parent, element: labelled(name, text) });
  return insertChild(parent, { child, goesBefore: (sibling) => follows.includes(sibling.name) });
}

/** Gives the package, or one system of it, another name. */
export function rename(
  draft: Draft,
  { name, system }: { readonly name: string; readonly system?: string | undefined },
): XmlElement {
  return replaceElements(draft.root, {
    targets: [findContent(draft, system)],
    change: (parent) => setTextChild(draft, { parent, name: 'Name', text: name, follows: ['Info'] }),
  });
}

/** Sets the annotation of the package, or of one system. */
export function setAnnotation(
  draft: Draft,
  { annotation, system }: { readonly annotation: string; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  return replaceElements(draft.root, {
    targets: [findContent(draft, system)],
    change: (parent) => {
      const [old] = sectionsIn(context, { parent, kind: 'AnnotationSection' });
      if (old === undefined)
        return annotationElement({ annotation }).reduce(
          (made, section) => insertSection(context, { parent: made, section }),
          parent,
        );
      const changed = setTextChild(draft, { parent: old, name: 'Annotation', text: annotation, follows: ['Info'] });
      return mapChildren(parent, (child) => (child === old ? changed : child));
    },
  });
}

/** Where licences stand: in a content element, or in the envelope. */
function eulaSections(draft: Draft, system: string | undefined): readonly XmlElement[] {
  const { context, root } = draft;
  const parents = system === undefined ? [root, ...contentElements(draft)] : [findContent(draft, system)];
  return parents.flatMap((parent) => sectionsIn(context, { parent, kind: 'EulaSection' }));
}

/** Replaces the licence of this index (from 0, outer ones first), or adds one behind the last. */
export function setEula(
  draft: Draft,
  {
    license,
    index = 0,
    system,
  }: { readonly license: string; readonly index?: number | undefined; readonly system?: string | undefined },
): XmlElement {
  const { context, root } = draft;
  const sections = eulaSections(draft, system);
  const old = sections[index];
  if (old !== undefined)
    return replaceElements(root, {
      targets: [old],
      change: (parent) => setTextChild(draft, { parent, name: 'License', text: license, follows: ['Info'] }),
    });
  if (index > sections.length) return refuse(`The descriptor has only ${sections.length} licences`);
  return replaceElements(root, {
    targets: [findContent(draft, system)],
    change: (parent) => insertSection(context, { parent, section: eulaElement({ license }) }),
  });
}

/** Removes the licence of this index, or all of them. */
export function removeEula(
  draft: Draft,
  { index, system }: { readonly index?: number | undefined; readonly system?: string | undefined },
): XmlElement {
  const sections = eulaSections(draft, system);
  const targets = index === undefined ? sections : sections.slice(index, index + 1);
  if (targets.length === 0) return refuse('The descriptor has no such licence');
  return replaceElements(draft.root, { targets, change: () => undefined });
}

const productTexts = ['Product', 'Vendor', 'Version', 'FullVersion', 'ProductUrl', 'VendorUrl', 'AppUrl'] as const;

/** Which product section: the only one of this class and instance, in `system` or anywhere. */
export interface ProductTarget {
  readonly class?: string | undefined;
  readonly instance?: string | undefined;
  readonly system?: string | undefined;
}

/** The texts of a product section that an edit may set. */
export interface ProductTexts {
  readonly product?: string | undefined;
  readonly vendor?: string | undefined;
  readonly version?: string | undefined;
  readonly fullVersion?: string | undefined;
  readonly productUrl?: string | undefined;
  readonly vendorUrl?: string | undefined;
  readonly appUrl?: string | undefined;
}

function productSections(draft: Draft, { system, ...target }: ProductTarget): readonly XmlElement[] {
  const { context, root } = draft;
  const parents = system === undefined ? [root, ...contentElements(draft)] : [findContent(draft, system)];
  const isNamed = (section: XmlElement, name: 'class' | 'instance') =>
    target[name] === undefined || (attribute(context, section, name) ?? '') === target[name];
  return parents
    .flatMap((parent) => elementsOf(parent))
    .filter((child) => isOvf(context, child) && ['ProductSection', 'PropertySection'].includes(kindOf(child)))
    .filter((section) => isNamed(section, 'class') && isNamed(section, 'instance'));
}

/** Sets texts of a product section, which is made when there is none. */
export function setProduct(
  draft: Draft,
  { texts, ...target }: ProductTarget & { readonly texts: ProductTexts },
): XmlElement {
  const [section] = productSections(draft, target);
  if (section === undefined) return addProduct(draft, { ...target, section: productElement({ ...target, ...texts }) });
  const values = new Map(Object.entries(texts));
  return replaceElements(draft.root, {
    targets: [section],
    change: (old) =>
      productTexts.reduce((parent, name, index) => {
        const text = values.get(`${name.charAt(0).toLowerCase()}${name.slice(1)}`);
        const follows = ['Info', ...productTexts.slice(0, index)];
        return text === undefined ? parent : setTextChild(draft, { parent, name, text, follows });
      }, old),
  });
}

function addProduct(
  draft: Draft,
  { section, system }: { readonly section: XmlElement; readonly system?: string | undefined },
): XmlElement {
  const { context } = draft;
  return replaceElements(draft.root, {
    targets: [findContent(draft, system)],
    change: (parent) => insertSection(context, { parent, section }),
  });
}

/** What an edit gives for a property. `option` makes `value` that of one deployment option. */
export interface PropertyChange
  extends Partial<Pick<Property, 'qualifiers' | 'value' | 'userConfigurable' | 'password' | 'label' | 'description'>> {
  /** Bare. */
  readonly key: string;
  readonly class?: string | undefined;
  readonly instance?: string | undefined;
  /** The system in whose product sections it is; anywhere without. */
  readonly system?: string | undefined;
  /** The property's type: needed for one that is to be added. */
  readonly propertyType?: string | undefined;
  readonly option?: string | undefined;
}

function findProperties(draft: Draft, change: PropertyChange): readonly XmlElement[] {
  const { context } = draft;
  const found = productSections(draft, change)
    .flatMap((section) => children(context, section, 'Property'))
    .filter((property) => attribute(context, property, 'key') === change.key);
  if (found.length > 1)
    refuse(`${found.length} properties have the key ${change.key}: say of which class, instance or system`);
  return found;
}

/** One Value may serve several options; the others keep it. */
function setOptionValue(
  draft: Draft,
  { property, option, value }: { property: XmlElement; option: string; value: string },
): XmlElement {
  const { context } = draft;
  const optionsOf = (element: XmlElement) => readList(attribute(context, element, 'configuration'));
  const isMeant = (child: XmlElement) =>
    child.name === 'Value' && isOvf(context, child) && optionsOf(child).includes(option);
  const others = mapChildren(property, (child) => {
    if (!isMeant(child)) return child;
    const rest = optionsOf(child).filter((each) => each !== option);
    if (rest.length === 0) return undefined;
    return setAttributes(context, { element: child, values: { configuration: rest.join(' ') } });
  });
  const element = ovfElement('Value', { attributes: attributesOf(ovf, { value, configuration: option }) });
  const child = adopt(context, { parent: others, element });
  return insertChild(others, { child, goesBefore: () => true });
}

function changeProperty(
  draft: Draft,
  { property, change }: { property: XmlElement; change: PropertyChange },
): XmlElement {
  const { context } = draft;
  const { propertyType: type, qualifiers, value, userConfigurable, password, label, description, option } = change;
  const own = option === undefined ? value : undefined;
  let changed = setAttributes(context, {
    element: property,
    values: { type, qualifiers, value: own, userConfigurable, password },
  });
  if (label !== undefined) changed = setTextChild(draft, { parent: changed, name: 'Label', text: label, follows: [] });
  if (description !== undefined)
    changed = setTextChild(draft, { parent: changed, name: 'Description', text: description, follows: ['Label'] });
  return option === undefined || value === undefined
    ? changed
    : setOptionValue(draft, { property: changed, option, value });
}

/** Changes a property; one that is not there is added when the edit says its type. */
export function setProperty(draft: Draft, change: PropertyChange): XmlElement {
  const { context, root } = draft;
  const [old] = findProperties(draft, change);
  if (old !== undefined)
    return replaceElements(root, { targets: [old], change: (property) => changeProperty(draft, { property, change }) });
  if (change.propertyType === undefined) return refuse(`The descriptor has no property ${JSON.stringify(change.key)}`);
  const [section] = productSections(draft, { ...change, class: change.class ?? '', instance: change.instance ?? '' });
  const element = propertyElement({ key: change.key, type: change.propertyType });
  const bare = adopt(context, { parent: section ?? root, element });
  const made = changeProperty(draft, { property: bare, change });
  if (section === undefined) {
    const empty = productElement({ class: change.class, instance: change.instance });
    const product = { ...empty, children: [...empty.children, made] };
    return addProduct(draft, { section: product, system: change.system });
  }
  return replaceElements(root, {
    targets: [section],
    change: (parent) => insertChild(parent, { child: made, goesBefore: (sibling) => isOvf(context, sibling) }),
  });
}

/** Removes a property. */
export function removeProperty(
  draft: Draft,
  change: Pick<PropertyChange, 'key' | 'class' | 'instance' | 'system'>,
): XmlElement {
  const targets = findProperties(draft, change);
  if (targets.length === 0) return refuse(`The descriptor has no property ${JSON.stringify(change.key)}`);
  return replaceElements(draft.root, { targets, change: () => undefined });
}
